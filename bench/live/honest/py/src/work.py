PASSES = 40


def work(numbers):
    """A checksum of the numbers; all passes give the same."""
    total = 0
    for _ in range(PASSES):
        total = 7
        for number in numbers:
            total = (total * 31 + number) & 0xFFFFFFFF
    return total
