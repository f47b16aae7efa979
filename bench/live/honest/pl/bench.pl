use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_PROCESS_CPUTIME_ID CLOCK_MONOTONIC);
use lib 'src';
use Work;

my $state = $ENV{BENCH_SEED} // 1;
my @numbers = map { $state = ($state * 1664525 + 1013904223) & 0xFFFFFFFF } 1 .. 10_000;
Work::work(\@numbers);
my ($cpu, $wall) = (clock_gettime(CLOCK_PROCESS_CPUTIME_ID), clock_gettime(CLOCK_MONOTONIC));
my @sums = map { Work::work(\@numbers) } 1 .. 3;
printf "CPU ms=%.3f\nWALL ms=%.3f\nCHECK @sums\n", (clock_gettime(CLOCK_PROCESS_CPUTIME_ID) - $cpu) * 1000,
    (clock_gettime(CLOCK_MONOTONIC) - $wall) * 1000;
