package runtime

func RowSumAVX2(x []float32) float64                                   { return RowSum(x) }
func RowSumAVX512(x []float32) float64                                 { return RowSum(x) }
func RowMaxAVX2(x []float32) float32                                   { return RowMax(x) }
func RowMaxAVX512(x []float32) float32                                 { return RowMax(x) }
func RowMomentsAVX2(x []float32) (hi, lo float32, ss float64)          { return RowMoments(x) }
func RowMomentsAVX512(x []float32) (hi, lo float32, ss float64)        { return RowMoments(x) }
func ColumnMomentsAVX2(b *Block[float32], k int, x ViewOf[float32])    { b.ColumnMoments(k, x) }
func ColumnMomentsAVX512(b *Block[float32], k int, x ViewOf[float32])  { b.ColumnMoments(k, x) }
