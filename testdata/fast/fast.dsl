// Norms of the library in fast arithmetic, beside which the tests hold those of the
// library.
use LayerNorm, RMSNorm, BatchNorm from "standard"
use PowerNorm from "powernorm"
use AdaLN from "conditional"
use DyT from "pointwise"

gen LayerNorm as FastLayerNorm { target go, avx2, avx512; arithmetic fast }
gen RMSNorm as FastRMSNorm { target go, avx2, avx512; arithmetic fast }
gen BatchNorm as FastBatchNorm { target go, avx2, avx512; arithmetic fast }
gen PowerNorm as FastPowerNorm { target go, avx2, avx512; arithmetic fast }
gen AdaLN as FastAdaLN { target go, avx2, avx512; arithmetic fast }
gen DyT as FastDyT { target go, avx2, avx512; arithmetic fast }
