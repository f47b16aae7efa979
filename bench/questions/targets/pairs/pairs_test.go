package pairs

import "testing"

func TestCountPairs(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []int
		sum    int
		want   int
	}{
		{"none", nil, 3, 0},
		{"one pair", []int{1, 2, 4}, 3, 1},
		{"each pair of positions", []int{1, 1, 2, 2}, 3, 4},
		{"a value and itself at another position", []int{2, 2, 2}, 4, 3},
		{"not a position with itself", []int{2, 5}, 4, 0},
		{"negative", []int{-3, 3, 0, 0}, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := CountPairs(c.values, c.sum); got != c.want {
				t.Errorf("CountPairs(%v, %d) = %d, want %d", c.values, c.sum, got, c.want)
			}
		})
	}
}
