package dsl

// The codes of findings about numbers: what an analysis of the compiled
// functions finds, and not [Check]. Notes tell of limits that a good norm may
// have; they are for those who ask.
const (
	CodeRsqrtZero Code = "N603"

	// Numbers: N701 and up.
	CodeDivZero   Code = "N701"
	CodeLogZero   Code = "N702"
	CodeRoot      Code = "N703"
	CodeConstant  Code = "N704"
	CodeVanish    Code = "N705"
	CodeOnePass   Code = "N706"
	CodeCancel    Code = "N707"
	CodeOverflow  Code = "N708"
	CodeInvariant Code = "N709"
	CodeSquare    Code = "N710" // a note
	CodeDiverge   Code = "N711" // a note
)

// NumberCodes lists the codes of findings about numbers.
func NumberCodes() []Code {
	return []Code{CodeRsqrtZero, CodeDivZero, CodeLogZero, CodeRoot, CodeConstant, CodeVanish, CodeOnePass, CodeCancel,
		CodeOverflow, CodeInvariant, CodeSquare, CodeDiverge}
}
