"""A clinic in Python: a scenario and its studies."""

from __future__ import annotations

import datetime as dt
import html
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from simclinic import scenario as scenarios
from simclinic.api.options import CompareOptions, StudyOptions, takes
from simclinic.api.result import Result
from simclinic.api.temporary_folder import in_folder, simulated
from simclinic.api.today import start, today
from simclinic.experiment.precision import MOST
from simclinic.results.check import Checked
from simclinic.scenario import Scenario
from simclinic.studies.execution import Execution, ExecutionOptions

if TYPE_CHECKING:
    from simclinic.api.bottlenecks import Bottleneck
    from simclinic.api.comparison import Comparison
    from simclinic.api.forecasting import Forecast
    from simclinic.api.intakes import Intake
    from simclinic.api.plans import Plans
    from simclinic.api.templates import Templates
    from simclinic.studies.run import FinishedRun
    from simclinic.studies.run_options import RunOptions


class Clinic:
    """A checked scenario, ready to be run.

    Attributes
    ----------
    scenario
        Its settings; `clinic.scenario.clinic.chairs` is what a file writes as `[clinic] chairs`.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def change(self, *overrides: str) -> Clinic:
        """Return a clinic with some settings changed, such as `"shifts.day.nurses=3"`.

        Raises
        ------
        ScenarioError
            With every problem found.
        """
        return Clinic(scenarios.with_overrides(self.scenario, overrides))

    def check(self) -> Checked:
        """Return what the plan can carry on paper, as `simclinic check --json` does."""
        from simclinic.studies.check import checked

        return checked(self.scenario, "")

    @takes(StudyOptions)
    def run(
        self,
        replications: int | Literal["auto"] | None = None,
        *,
        precision: str | float = "5%",
        on: Sequence[str] = (),
        at_most: int = MOST,
        antithetic: bool = False,
        plain: bool = False,
        **options: Unpack[StudyOptions],
    ) -> Result:
        """Simulate the clinic.

        Parameters
        ----------
        replications, seed
            Number of replications, and seed of all random inputs; by default the scenario's. "auto": as many as
            the means need.
        out
            A results folder, as `simclinic run --out` writes it: the same call on the same folder resumes an
            interrupted run. By default, results exist as long as the returned object.
        workers
            Number of worker processes; by default one for each processor, unless the work is short.
        cluster
            Address of the scheduler of a dask.distributed cluster that runs the replications instead.
        time_limit
            Seconds after which a replication counts as failed; by default there is no limit.
        mix_versions
            Continue a folder that was begun with other versions of Python or of packages that can change results.
        precision, on, at_most
            With "auto": the precision of the means, `"5%"` of the mean or a number in the figure's unit; the key
            figures to which it applies; and the most replications.
        antithetic
            Simulate in antithetic pairs, the second with the first's random inputs mirrored.
        plain
            Leave means as they are, without the adjustment for what is known of the simulated patients.
        panel
            A file of today's patients, as for `simclinic forecast --panel`: the run begins with them.
        as_of
            The first day with a panel; by default the first one after the last past date in the panel on which the
            clinic is open.
        uncertain
            With a panel, draw estimated settings anew in each replication; by default they are used as given.

        Raises
        ------
        SimclinicError
            If a setting is invalid, or the results cannot be written.
        """
        from simclinic.studies.goals import mean_goals
        from simclinic.studies.precise import run_until
        from simclinic.studies.run import run, with_run_settings

        execution = Execution.of(options, replications)
        goals = mean_goals(str(precision), on) if replications == "auto" else []
        own = with_run_settings(self.scenario, replications=execution.number, seed=execution.seed)
        beginning = start([own], today(options))
        [scenario] = beginning.scenarios
        arguments: dict[str, Any] = {"replications": "auto" if goals else scenario.run.replications}
        arguments |= {
            "seed": scenario.run.seed,
            "mix_versions": execution.mix_versions,
            **beginning.arguments,
        }
        with execution.executor() as executor:

            def made(folder: Path) -> Result:
                def runner(scenario: Scenario) -> FinishedRun:
                    return run(
                        scenario,
                        out=folder,
                        arguments=arguments,
                        executor=executor,
                        time_limit=execution.time_limit,
                        antithetic=antithetic,
                        panel=beginning.panel,
                        plain=plain,
                    )

                if not goals:
                    return Result(runner(scenario), beginning.panel)
                found = run_until(scenario, goals, runner, at_most=at_most, antithetic=antithetic)
                return Result(found, beginning.panel)

            return in_folder(execution.out, made)

    @takes(CompareOptions)
    def compare(
        self, *others: Clinic | str | os.PathLike[str], **options: Unpack[CompareOptions]
    ) -> Comparison:
        """Compare other clinics, or protocols of this one, with this one; see :func:`simclinic.compare`."""
        from simclinic.api.comparison import compare

        return compare([self, *others], **options)

    @takes(StudyOptions)
    def bottleneck(self, replications: int | None = None, **options: Unpack[StudyOptions]) -> Bottleneck:
        """Say what runs out first, and what one more or fewer of each would do, on the same patients.

        Parameters
        ----------
        replications
            Number of replications of each plan; by default 10.
        seed, out, workers, cluster, time_limit, mix_versions, panel, as_of, uncertain
            As for :meth:`run`.

        Raises
        ------
        SimclinicError
            If a setting is invalid, or the results cannot be written.
        """
        from simclinic.api.bottlenecks import Bottleneck
        from simclinic.studies.bottleneck import bottleneck, with_replications

        execution = Execution.of(options, replications)
        own = with_replications(self.scenario, execution.number, execution.seed)
        beginning = start([own], today(options))
        [scenario] = beginning.scenarios

        def made(how: RunOptions) -> Bottleneck:
            return Bottleneck(bottleneck(scenario, options=how))

        return simulated(execution, beginning.arguments, made, beginning.panel)

    @takes(StudyOptions)
    def intake(
        self,
        targets: Sequence[str] = (),
        *,
        first: float = 0.5,
        step: float = 0.05,
        alpha: float = 0.05,
        at_most: int = 200,
        **options: Unpack[StudyOptions],
    ) -> Intake:
        """Find the most referrals a week that meet all targets.

        Parameters
        ----------
        targets
            Targets to add or replace, such as `"access_days_p90<=10"`.
        first, step
            The first level of referrals and the step, as shares of what the plan carries on paper.
        alpha
            The chance that the confirmed level is too high.
        at_most
            Most replications at a level.
        seed, out, workers, cluster, time_limit, mix_versions, panel, as_of, uncertain
            As for :meth:`run`.

        Raises
        ------
        SimclinicError
            If a target or a setting is invalid, or the results cannot be written.
        """
        from simclinic.api.intakes import Intake
        from simclinic.scenario.overrides import target_overrides
        from simclinic.studies.intake import intake
        from simclinic.studies.run import with_run_settings

        execution = Execution.of(options)
        aimed = scenarios.with_overrides(self.scenario, target_overrides(targets))
        beginning = start([with_run_settings(aimed, seed=execution.seed)], today(options))
        [scenario] = beginning.scenarios

        def made(how: RunOptions) -> Intake:
            return Intake(intake(scenario, first=first, step=step, alpha=alpha, at_most=at_most, options=how))

        return simulated(execution, beginning.arguments, made, beginning.panel)

    @takes(StudyOptions)
    def plan(
        self,
        over: Sequence[str],
        targets: Sequence[str] = (),
        *,
        maximise: str | None = None,
        alpha: float = 0.05,
        at_most: int = 200,
        ends: bool = True,
        by: bool = False,
        lead_weeks: int = 13,
        **options: Unpack[StudyOptions],
    ) -> Plans:
        """Find the cheapest plan that meets all targets.

        Parameters
        ----------
        over
            Settings that may vary, with their levels: `["clinic.chairs=2:6", "booking.booster_reserve=0,0.1"]`.
        targets
            Targets to add or replace, such as `"access_days_p90<=10"`.
        maximise
            A key figure: the plan with most of it among all that meet the targets is named, not the cheapest.
        alpha
            The probability that the answer is wrong.
        at_most
            Most replications of a plan.
        ends
            Whether to try the answer again with the inputs that matter most at both ends of their ranges.
        by, lead_weeks
            With a panel, whether to say by when the plan must be in force, so that targets are met in every
            quarter, and the weeks from an advertisement to the first day.
        seed, out, workers, cluster, time_limit, mix_versions, panel, as_of, uncertain
            As for :meth:`run`.

        Raises
        ------
        SimclinicError
            If a target, a setting or a level is invalid, or the results cannot be written.
        """
        from simclinic.api.plans import Plans
        from simclinic.errors import Together
        from simclinic.scenario.overrides import target_overrides
        from simclinic.studies.plan import check_question, plan
        from simclinic.studies.plan_space import space_of
        from simclinic.studies.run import with_run_settings

        execution = Execution.of(options)
        aimed = scenarios.with_overrides(self.scenario, target_overrides(targets))
        beginning = start([with_run_settings(aimed, seed=execution.seed)], today(options))
        [scenario] = beginning.scenarios
        wrong = Together()
        with wrong:
            space = space_of(scenario, over, beginning.panel)
        with wrong:
            check_question(
                [each.partition("=")[0].strip() for each in over],
                alpha=alpha,
                at_most=at_most,
                maximise=maximise,
                by=by,
                lead_weeks=lead_weeks,
                panel=beginning.panel is not None,
                weeks=scenario.run.weeks,
            )
        wrong.end()

        def made(how: RunOptions) -> Plans:
            return Plans(
                plan(
                    scenario,
                    space,
                    alpha=alpha,
                    at_most=at_most,
                    maximise=maximise,
                    ends=ends,
                    by=by,
                    lead_weeks=lead_weeks,
                    options=how,
                )
            )

        return simulated(execution, beginning.arguments, made, beginning.panel)

    @takes(ExecutionOptions)
    def template(
        self,
        targets: Sequence[str] = (),
        *,
        grid: int = 5,
        slack: str = "0,5,10,15,20,p65,p80",
        alpha: float = 0.05,
        at_most: int = 200,
        **options: Unpack[ExecutionOptions],
    ) -> Templates:
        """Find the start times that let most visits begin in days that keep their limits.

        Parameters
        ----------
        targets
            Targets to add or replace, such as `"wait_minutes_mean<=10"`; those on figures of the day are limits.
        grid
            Minutes between possible starts, counted from opening.
        slack
            What visits are planned with on top of mean lengths, with commas between: percent of the mean, or
            percentiles of each step ("p80"). One alone is the answer, whatever its simulation says.
        alpha
            The probability that the answer is wrong.
        at_most
            Most replications of a way to book.
        seed, out, workers, cluster, time_limit, mix_versions
            As for :meth:`run`.

        Raises
        ------
        SimclinicError
            If a target or a setting is invalid, there can be no template, or the results cannot be written.
        """
        from simclinic.api.templates import Templates
        from simclinic.scenario.overrides import target_overrides
        from simclinic.studies.run import with_run_settings
        from simclinic.studies.template import template

        execution = Execution.of(options)
        aimed = scenarios.with_overrides(self.scenario, target_overrides(targets))
        scenario = with_run_settings(aimed, seed=execution.seed)

        def made(how: RunOptions) -> Templates:
            return Templates(
                template(scenario, every=grid, slack=slack, alpha=alpha, at_most=at_most, options=how)
            )

        return simulated(execution, {}, made)

    @takes(ExecutionOptions)
    def forecast(
        self,
        panel: str | os.PathLike[str],
        *,
        weeks: int = 26,
        as_of: dt.date | str | None = None,
        fixed_parameters: bool = False,
        own_law: bool = False,
        replications: int | None = None,
        **options: Unpack[ExecutionOptions],
    ) -> Forecast:
        """Forecast boosters per week from today's patients and new ones, and when the clinic is full.

        Parameters
        ----------
        panel
            A file of today's patients, as for `simclinic forecast --panel`.
        weeks
            Weeks to forecast.
        as_of
            The first day of the forecast; by default the first one after the last past date in the panel on which
            the clinic is open.
        fixed_parameters
            Use estimated settings as given: bands then show random variation only.
        own_law
            Only under the clinic's own relapse law. By default under those of the evidence too, unless the
            clinic is calibrated.
        replications
            Number of simulated futures; by default 200.
        seed, out, workers, cluster, time_limit, mix_versions
            As for :meth:`run`.

        Raises
        ------
        SimclinicError
            If the panel or a setting is invalid, or the results cannot be written.
        """
        from simclinic.api.forecasting import forecast

        return forecast(
            self.scenario,
            Path(panel),
            Execution.of(options, replications),
            weeks=weeks,
            as_of=as_of,
            fixed_parameters=fixed_parameters,
            own_law=own_law,
        )

    def __repr__(self) -> str:
        run = self.scenario.run
        return f"<Clinic {self.scenario.name!r}: {run.weeks} weeks from {run.start}>"

    def _repr_html_(self) -> str:
        described = html.escape(self.scenario.description)
        return f"<p><b>{html.escape(self.scenario.name)}</b><br>{described}</p>"


def load(path: str | os.PathLike[str], overrides: tuple[str, ...] | list[str] = ()) -> Clinic:
    """Load a scenario file; `overrides` are as for `--set`.

    Raises
    ------
    ScenarioError
        With every problem found, each with its file and line.
    """
    return Clinic(scenarios.load(path, overrides))


def baseline() -> Clinic:
    """Return the typical clinic."""
    return Clinic(scenarios.baseline())
