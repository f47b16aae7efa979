package Work;
use strict;
use warnings;

my $PASSES = 40;

# A checksum of the numbers; all passes give the same.
sub work {
    my ($numbers) = @_;
    my $sum = 0;
    for my $pass (1 .. $PASSES) {
        $sum = 7;
        $sum = ($sum * 31 + $_) & 0xFFFFFFFF for @$numbers;
    }
    return $sum;
}

1;
