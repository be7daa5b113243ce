"""How each language adds the terms of a sum, and where it has tables of numbers.

The one rule kept here: the error of a sum does not grow with its terms (Knuth, The Art
of Computer Programming, section 4.2.2), and infinities and nan stay.
"""

from __future__ import annotations

_C_ADD = """/* Add a term and keep what rounding loses (Knuth, TAOCP 4.2.2). */
START void {name}(double sum[2], double term)
{
    const double total = sum[0] + term;
    const double moved = total - sum[0];
    sum[1] += (sum[0] - (total - moved)) + (term - moved);
    sum[0] = total;
}"""
_C_ADDED = """/* The sum with what rounding has lost, where that is a number. */
START double {name}(const double sum[2])
{
    return sum[1] == sum[1] ? sum[0] + sum[1] : sum[0];
}"""
_C_TABLE = """/* Memory for so many numbers; without any the program ends. */
static double *{name}(ptrdiff_t count)
{
    double *found = calloc(count > 0 ? (size_t)count : 1, sizeof(double));
    if (found == NULL) {
        abort();
    }
    return found;
}"""
_CPP_TABLE = """/* So many numbers. */
inline std::vector<double> {name}(std::ptrdiff_t count)
{
    return std::vector<double>(count > 0 ? static_cast<std::size_t>(count) : 0);
}"""
_JAVASCRIPT_ADD = """/** Add a term; keep what rounding loses (Knuth, TAOCP 4.2.2). */
function {name}(sum, term) {
    const total = sum[0] + term;
    const moved = total - sum[0];
    sum[1] += (sum[0] - (total - moved)) + (term - moved);
    sum[0] = total;
}"""
_JAVASCRIPT_ADDED = """/** The sum with what rounding lost, where that is a number. */
function {name}(sum) {
    return Number.isNaN(sum[1]) ? sum[0] : sum[0] + sum[1];
}"""
_JAVASCRIPT_TABLE = """/** So many numbers. */
function {name}(count) {
    return new Float64Array(Math.max(count, 0));
}"""
_RUST_ADD = """/// Add a term and keep what rounding loses (Knuth, TAOCP 4.2.2).
fn {name}(sum: &mut [f64; 2], term: f64) {
    let total = sum[0] + term;
    let moved = total - sum[0];
    sum[1] += (sum[0] - (total - moved)) + (term - moved);
    sum[0] = total;
}"""
_RUST_ADDED = """/// The sum with what rounding has lost, where that is a number.
fn {name}(sum: &[f64; 2]) -> f64 {
    if sum[1].is_nan() { sum[0] } else { sum[0] + sum[1] }
}"""
_FORTRAN_ADD = """! Add a term and keep what rounding loses (Knuth, TAOCP 4.2.2).
pure subroutine {name}(sums, term)
    real(dp), intent(inout) :: sums(0:1)
    real(dp), value :: term
    real(dp) :: total, moved
    total = sums(0) + term
    moved = total - sums(0)
    sums(1) = sums(1) + ((sums(0) - (total - moved)) + (term - moved))
    sums(0) = total
end subroutine"""
_FORTRAN_ADDED = """! The sum with what rounding has lost, where that is a number.
pure function {name}(sums) result(found)
    real(dp), intent(in) :: sums(0:1)
    real(dp) :: found
    found = sums(0)
    if (sums(1) == sums(1)) found = found + sums(1)
end function"""
_JULIA_ADD = """# Add a term and keep what rounding loses (Knuth, TAOCP 4.2.2).
function {name}(sum, term)
    total = sum[1] + term
    moved = total - sum[1]
    sum[2] += (sum[1] - (total - moved)) + (term - moved)
    sum[1] = total
end"""
_JULIA_ADDED = """# The sum with what rounding has lost, where that is a number.
{name}(sum) = isnan(sum[2]) ? sum[1] : sum[1] + sum[2]"""

SUMS: dict[str, dict[str, str]] = {
    "c": {
        "add": _C_ADD.replace("START", "static inline"),
        "added": _C_ADDED.replace("START", "static inline"),
        "table": _C_TABLE,
    },
    "c++": {
        "add": _C_ADD.replace("START", "inline"),
        "added": _C_ADDED.replace("START", "inline"),
        "table": _CPP_TABLE,
    },
    "javascript": {
        "add": _JAVASCRIPT_ADD,
        "added": _JAVASCRIPT_ADDED,
        "table": _JAVASCRIPT_TABLE,
    },
    "rust": {"add": _RUST_ADD, "added": _RUST_ADDED},
    "julia": {"add": _JULIA_ADD, "added": _JULIA_ADDED},
    "fortran": {"add": _FORTRAN_ADD, "added": _FORTRAN_ADDED},
}
"""language -> helper -> its source, with ``{name}`` for its name"""
