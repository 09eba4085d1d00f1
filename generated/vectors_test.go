package generated_test
import ("testing";"fmt";"github.com/normgen/normgen/testdata/vectors")
func TestExplore(t *testing.T) {
	layers := lowered(t)
	for _, op := range []string{"layernorm","rmsnorm","batchnorm","masked_batchnorm","pnv","pn_paper","pn_official"} {
		cs,_ := vectors.Op(op)
		for _, c := range cs {
			if c.ExpectError {continue}
			for _, prec := range []string{"f32","f64","interp"} {
				r := routeOf(c)
				var s subject
				f := vectors.Float64
				cols := 0
				st := c.Step(0)
				cols = r.call(st,true).cols
				switch prec {
				case "f32": f=vectors.Float32
					k,ok:=constructs[r.norm]; if !ok {fmt.Println("NONE",c,r.norm);continue}
					l,err:=k.f32(cols,r.knobs); if err!=nil{t.Fatal(err)}
					s=generatedNorm[float32]{l}
				case "f64":
					k,ok:=constructs[r.norm]; if !ok {continue}
					l,err:=k.f64(cols,r.knobs); if err!=nil{t.Fatal(err)}
					s=generatedNorm[float64]{l}
				default:
					s=newInterpreted(layers[r.norm], r.knobs)
				}
				err:=drive(c,s,func(i int,got map[string]vectors.Tensor){
					e,err:=c.Measure(f,i,got)
					w:=c.Step(i)
					if err!=nil {
						rel:=func(n string) float64 { return vectors.Relative(got[n].Data,w.Want[n].Data,w.Scale[n])/f.Unit}
						e=vectors.Errors{Y:rel("y"),Dx:rel("dx")}
						if _,ok:=w.Want["dgamma"];ok{e.Dgamma=rel("dgamma")}
						if _,ok:=w.Want["dbeta"];ok{e.Dbeta=rel("dbeta")}
					}
					extra:=""
					for n,x:=range w.Want { if n=="y"||n=="dx"||n=="dgamma"||n=="dbeta" {continue}
						g,ok:=got[n]
						if !ok { extra+=" -"+n; continue}
						extra+=fmt.Sprintf(" %s=%.3g",n,vectors.Relative(g.Data,x.Data,0)/f.Unit)
					}
					fmt.Printf("%s %s %v %s %d  %.3g %.3g %.3g %.3g  %s %v\n",op,prec,c,c.Class,i,e.Y,e.Dx,e.Dgamma,e.Dbeta,extra, err!=nil)
				})
				if err!=nil {fmt.Println("ERR",c,prec,err)}
			}
		}
	}
}
