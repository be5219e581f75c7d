package sizing_test

import (
	"fmt"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

func Example() {
	sample := sizing.NewSample()
	for i := range 5000 {
		if err := sample.Add(fmt.Appendf(nil, "customer-%d@example.com", i%1000)); err != nil {
			fmt.Println(err)
			return
		}
	}
	report, err := sample.Report()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d bits: %s\n", report.Recommended.Length, report.Recommended.Reason)
	// Output:
	// 7 bits: a query fetches about 8.8 items for each item wanted, and a beacon stands for about 8 values; it is the shortest length that fetches at most 10
}
