//! Logistic regression, small: standardised features, Newton's method, a light ridge.

/// A fitted model: weights of the standardised features, the intercept last.
#[derive(Debug)]
pub(super) struct Model {
    means: Vec<f64>,
    deviations: Vec<f64>,
    weights: Vec<f64>,
}

/// Rounds of Newton's method: it converges in six or so.
const ROUNDS: usize = 9;

/// The ridge, which keeps constant features harmless.
const RIDGE: f64 = 1.0;

impl Model {
    /// Fits by iteratively reweighted least squares (Hastie, Tibshirani, Friedman 2009, 4.4.1).
    pub(super) fn fit(rows: &[(Vec<f64>, bool)]) -> Self {
        let width = rows[0].0.len();
        let count = rows.len() as f64;
        let mean = |place: usize| rows.iter().map(|row| row.0[place]).sum::<f64>() / count;
        let means: Vec<f64> = (0..width).map(mean).collect();
        let deviation = |place: usize| {
            let squares = rows.iter().map(|row| (row.0[place] - means[place]).powi(2));
            (squares.sum::<f64>() / count).sqrt().max(1e-9)
        };
        let deviations = (0..width).map(deviation).collect();
        let mut model = Self { means, deviations, weights: vec![0.0; width + 1] };
        for _ in 0..ROUNDS {
            model.improve(rows);
        }
        model
    }

    /// One step of Newton's method.
    fn improve(&mut self, rows: &[(Vec<f64>, bool)]) {
        let width = self.weights.len();
        let mut gradient = vec![0.0; width];
        let mut hessian = vec![vec![0.0; width]; width];
        for (features, label) in rows {
            let x = self.standardised(features);
            let p = chance(&x, &self.weights);
            let error = f64::from(*label) - p;
            for i in 0..width {
                gradient[i] += error * x[i];
                let products = x.iter().map(|other| p * (1.0 - p) * x[i] * other);
                hessian[i].iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
            }
        }
        for i in 0..width {
            gradient[i] -= RIDGE * self.weights[i];
            hessian[i][i] += RIDGE;
        }
        let step = solved(hessian, gradient);
        self.weights.iter_mut().zip(step).for_each(|(weight, step)| *weight += step);
    }

    /// The chance of a row.
    pub(super) fn chance(&self, features: &[f64]) -> f64 {
        chance(&self.standardised(features), &self.weights)
    }

    fn standardised(&self, features: &[f64]) -> Vec<f64> {
        let scales = self.means.iter().zip(&self.deviations);
        let scaled =
            features.iter().zip(scales).map(|(x, (mean, deviation))| (x - mean) / deviation);
        scaled.chain([1.0]).collect()
    }
}

fn chance(x: &[f64], weights: &[f64]) -> f64 {
    let score: f64 = x.iter().zip(weights).map(|(x, weight)| x * weight).sum();
    1.0 / (1.0 + (-score).exp())
}

/// Solves a system of equations by Gauss's elimination; the matrix is positive definite.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let width = right.len();
    for pivot in 0..width {
        for row in pivot + 1..width {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot].clone();
            matrix[row].iter_mut().zip(above).for_each(|(cell, above)| *cell -= factor * above);
            right[row] -= factor * right[pivot];
        }
    }
    for pivot in (0..width).rev() {
        let known: f64 =
            (pivot + 1..width).map(|column| matrix[pivot][column] * right[column]).sum();
        right[pivot] = (right[pivot] - known) / matrix[pivot][pivot];
    }
    right
}

#[test]
fn a_model_finds_the_odds_of_a_table() {
    // One in four without, three in four with: the odds ratio is nine.
    let rows: Vec<_> = (0..4_000)
        .map(|row| {
            (vec![f64::from(row % 2)], if row % 2 == 0 { row % 8 == 0 } else { row % 8 != 1 })
        })
        .collect();
    let model = Model::fit(&rows);
    assert!((model.chance(&[0.0]) - 0.25).abs() < 0.01);
    assert!((model.chance(&[1.0]) - 0.75).abs() < 0.01);
}
