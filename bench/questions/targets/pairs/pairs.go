package pairs

// CountPairs counts the pairs of two different positions whose values add up to sum.
func CountPairs(values []int, sum int) int {
	count := 0
	for i := 0; i < len(values); i++ {
		for j := 0; j < len(values); j++ {
			if i < j && values[i]+values[j] == sum {
				count++
			}
		}
	}
	return count
}
