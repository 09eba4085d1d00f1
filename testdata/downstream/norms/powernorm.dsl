// The four layers that the program compares, from the library. All but
// LayerNorm keep statistics of each channel over the tokens of a batch.
use PowerNorm, PNV from "powernorm"
use BatchNorm, LayerNorm from "standard"

gen PowerNorm { shape C = 64, any; dtype f32; target go, avx2, avx512 }
gen PNV { shape C = 64, any; dtype f32; target go, avx2, avx512 }
gen BatchNorm { shape C = 64, any; dtype f32; target go, avx2, avx512 }
gen LayerNorm { shape C = 64, any; dtype f32; target go, avx2, avx512 }
