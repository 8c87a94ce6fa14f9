# The two walk-in clinics in simmer: Rscript with_simmer.R CHAIRS NURSES GIVEN.csv FOUND.csv
# GIVEN has a row for each patient: time, and length1, or length1 to length4, in minutes. FOUND gets when each arrived,
# began and left; the processor seconds of the simulation are printed.
suppressPackageStartupMessages(library(simmer))
arguments <- commandArgs(trailingOnly = TRUE)
given <- read.csv(arguments[3])
lengths <- setdiff(names(given), "time")
invisible(gc())
begun <- proc.time()
step <- function(path, name) timeout_from_attribute(path, name)
began <- function(path) set_attribute(path, "began", function() now(clinic))
visit <- if (length(lengths) == 1) {
  trajectory() %>% seize("chairs") %>% began() %>% step("length1") %>% release("chairs")
} else {
  trajectory() %>%
    seize("chairs") %>%
    seize("nurses") %>% began() %>% step("length1") %>% release("nurses") %>%
    step("length2") %>% step("length3") %>%
    seize("nurses") %>% step("length4") %>% release("nurses") %>%
    release("chairs")
}
clinic <- simmer() %>%
  add_resource("chairs", as.integer(arguments[1])) %>%
  add_resource("nurses", as.integer(arguments[2])) %>%
  add_dataframe("patient", visit, given, mon = 2, time = "absolute", col_attributes = lengths)
clinic %>% run() %>% invisible()
arrivals <- get_mon_arrivals(clinic)
attributes <- get_mon_attributes(clinic)
taken <- proc.time() - begun
attributes <- attributes[attributes$key == "began", ]
found <- data.frame(
  arrived = arrivals$start_time,
  began = attributes$value[match(arrivals$name, attributes$name)],
  left = arrivals$end_time
)
found <- found[order(arrivals$start_time), ]
write.csv(format(found, digits = 15), arguments[4], row.names = FALSE, quote = FALSE)
cat(taken[["user.self"]] + taken[["sys.self"]], "\n")
