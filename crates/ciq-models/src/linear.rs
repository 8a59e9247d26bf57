//! The little linear algebra that a regression needs.

/// The sum of products.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves a system with a symmetric, positive definite matrix by Cholesky's decomposition. Reads
/// only the lower triangle, row by row. `None` when the matrix is not positive definite.
pub(crate) fn solve_positive(mut matrix: Vec<f64>, right: &[f64]) -> Option<Vec<f64>> {
    let width = right.len();
    for row in 0..width {
        let (above, below) = matrix.split_at_mut(row * width);
        for column in 0..=row {
            let known = if column == row {
                dot(&below[..column], &below[..column])
            } else {
                let earlier = &above[column * width..];
                dot(&below[..column], &earlier[..column])
            };
            let rest = below[column] - known;
            below[column] = if column < row {
                rest / above[column * width + column]
            } else if rest > f64::EPSILON * below[column].abs() {
                rest.sqrt()
            } else {
                return None;
            };
        }
    }
    let mut solution = right.to_vec();
    for row in 0..width {
        let known = dot(&matrix[row * width..row * width + row], &solution[..row]);
        solution[row] = (solution[row] - known) / matrix[row * width + row];
    }
    for row in (0..width).rev() {
        let known: f64 =
            (row + 1..width).map(|below| matrix[below * width + row] * solution[below]).sum();
        solution[row] = (solution[row] - known) / matrix[row * width + row];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        // The upper triangle is not read.
        let matrix = vec![4.0, f64::NAN, f64::NAN, 2.0, 5.0, f64::NAN, 0.0, 1.0, 3.0];
        let solution = solve_positive(matrix, &[8.0, 15.0, 11.0]).unwrap();
        for (found, expected) in solution.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{solution:?}");
        }
    }

    #[test]
    fn a_singular_system_is_refused() {
        assert_eq!(solve_positive(vec![1.0, 1.0, 1.0, 1.0], &[1.0, 1.0]), None);
    }
}
