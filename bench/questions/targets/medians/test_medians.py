import unittest

from medians import moving_median


class MovingMedian(unittest.TestCase):
    def test_odd_width(self):
        self.assertEqual(moving_median([5, 1, 4, 2, 3], 3), [4, 2, 3])

    def test_even_width_takes_the_middle_of_two(self):
        self.assertEqual(moving_median([4, 1, 3, 2], 2), [2.5, 2.0, 2.5])

    def test_equal_values(self):
        self.assertEqual(moving_median([2, 2, 1, 2, 2], 3), [2, 2, 2])

    def test_width_of_one_and_too_few_values(self):
        self.assertEqual(moving_median([3, 1], 1), [3, 1])
        self.assertEqual(moving_median([3, 1], 5), [])

    def test_leaves_its_input_alone(self):
        values = [3, 1, 2]
        moving_median(values, 2)
        self.assertEqual(values, [3, 1, 2])


if __name__ == "__main__":
    unittest.main()
