"""The years before a simulation that begins with a steady clinic, computed without a clock.

The patients of the past are the same as those that a long warm-up would simulate: the same identities, the same
random inputs. Each of them is followed through intake, series and boosters on the calendar, with everything that
takes time but the competition for starts. What competition adds is a delay, and a share of patients turned away,
that are found by pilot runs or given.
"""
