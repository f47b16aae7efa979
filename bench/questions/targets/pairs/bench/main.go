// Counts pairs in a list of 9000 values.
package main

import (
	"fmt"
	"syscall"

	"example.com/pairs"
)

func main() {
	state := uint64(3)
	values := make([]int, 9000)
	for i := range values {
		state = state*6364136223846793005 + 1442695040888963407
		values[i] = int(state>>33) % 5000
	}
	began := cpuMilliseconds()
	answer := pairs.CountPairs(values, 5000)
	fmt.Printf("METRIC ms=%.2f\n", cpuMilliseconds()-began)
	fmt.Println("CHECK", answer)
}

func cpuMilliseconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}
