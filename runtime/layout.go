package runtime

// A layout places the reductions of one stage and scope in the nodes of a tree.
type layout struct {
	sums   int     // elements of all sums
	spread int     // elements of all moments
	moment []place // of each moment
}

// A place says where a reduction lies in the nodes of a tree.
type place struct{ index, from, to int }

func (l *layout) addSum(n int) place {
	l.sums += n
	return place{from: l.sums - n, to: l.sums}
}

func (l *layout) addMoment(n int) place {
	l.spread += n
	p := place{len(l.moment), l.spread - n, l.spread}
	l.moment = append(l.moment, p)
	return p
}

// empty reports whether nothing is reduced.
func (l *layout) empty() bool { return l.sums == 0 && len(l.moment) == 0 }

// A room is the most that a node must hold.
type room struct{ sums, spread, moments int }

func (r *room) include(l *layout) {
	r.sums, r.spread, r.moments = max(r.sums, l.sums), max(r.spread, l.spread), max(r.moments, len(l.moment))
}
