//! The search for the best parameters: the quasi-Newton method of Broyden, Fletcher, Goldfarb and
//! Shanno (Nocedal & Wright 2006, Numerical Optimization, chapter 6).

/// How many steps a search may take.
const ITERATION_COUNT_MAX: u32 = 300;

/// How many lengths of a step are tried.
const TRIAL_COUNT_MAX: u32 = 40;

/// The search ends when a step would gain less than this. With the mean over customers of a log
/// likelihood as the value, parameters are then right to about six digits.
const GAIN_MIN: f64 = 1e-14;

/// No parameter moves further than this in one step; parameters are logarithms.
const STEP_MAX: f64 = 1.0;

/// Differences of values below this part are noise.
const NOISE: f64 = 1e-11;

/// Of what a straight line promises, the part that a step has to gain, and the part of the slope
/// that may be left after it (the conditions of Wolfe).
const WOLFE: (f64, f64) = (1e-4, 0.9);

/// A value and its slopes.
pub(crate) type Slopes<const N: usize> = (f64, [f64; N]);

/// A symmetric matrix.
pub(crate) type Square<const N: usize> = [[f64; N]; N];

/// Where a search has arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minimum<const N: usize> {
    pub(crate) point: [f64; N],
    pub(crate) value: f64,
    /// About the inverse of the matrix of second derivatives: a start for a similar search.
    pub(crate) inverse: Square<N>,
    pub(crate) iteration_count: u32,
    /// How much a further step promises to gain.
    pub(crate) gain_left: f64,
}

/// Finds a minimum of a function, which returns its value and its slopes.
pub(crate) fn minimise<const N: usize>(
    function: &impl Fn(&[f64; N]) -> Slopes<N>,
    start: [f64; N],
    inverse: Option<Square<N>>,
) -> Minimum<N> {
    let mut inverse = inverse.unwrap_or_else(unit);
    let (mut point, (mut value, mut slopes)) = (start, function(&start));
    let mut gain_left = f64::INFINITY;
    let mut iteration_count = 0;
    while iteration_count < ITERATION_COUNT_MAX && value.is_finite() {
        let mut direction = product(&inverse, &slopes).map(|it| -it);
        if dot(&direction, &slopes) >= 0.0 {
            inverse = unit();
            direction = slopes.map(|it| -it);
        }
        gain_left = -dot(&direction, &slopes);
        if gain_left < GAIN_MIN {
            break;
        }
        iteration_count += 1;
        let line = Line { function, point, direction, value, slope: -gain_left };
        let Some((length, next)) = line.search() else { break };
        let step = direction.map(|it| it * length);
        let change = std::array::from_fn(|i| next.1[i] - slopes[i]);
        update(&mut inverse, &step, &change);
        point = line.at(length);
        (value, slopes) = next;
    }
    Minimum { point, value, inverse, iteration_count, gain_left }
}

/// A line from a point, along which the function falls at first.
struct Line<'a, F, const N: usize> {
    function: &'a F,
    point: [f64; N],
    direction: [f64; N],
    value: f64,
    slope: f64,
}

impl<F: Fn(&[f64; N]) -> Slopes<N>, const N: usize> Line<'_, F, N> {
    fn at(&self, length: f64) -> [f64; N] {
        std::array::from_fn(|i| self.point[i] + length * self.direction[i])
    }

    /// Finds a length that gains enough, by doubling and halving (Lewis & Overton 2013).
    fn search(&self) -> Option<(f64, Slopes<N>)> {
        let reach = self.direction.iter().fold(0.0f64, |most, it| most.max(it.abs()));
        let length_max = STEP_MAX / reach;
        let noise = NOISE * (1.0 + self.value.abs());
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut length = length_max.min(1.0);
        for _ in 0..TRIAL_COUNT_MAX {
            let found = (self.function)(&self.at(length));
            let slope = dot(&found.1, &self.direction);
            let promised = self.value + WOLFE.0 * length * self.slope + noise;
            // Not a number is too high as well.
            let is_low = found.0 <= promised && slope.is_finite();
            if !is_low || slope > -WOLFE.1 * self.slope {
                high = length;
            } else if slope < WOLFE.1 * self.slope && length < length_max {
                low = length;
            } else {
                return Some((length, found));
            }
            length = if high.is_finite() { f64::midpoint(low, high) } else { 2.0 * low };
            length = length.min(length_max);
        }
        None
    }
}

/// Brings the inverse up to date with a step and the change of the slopes over it.
fn update<const N: usize>(inverse: &mut Square<N>, step: &[f64; N], change: &[f64; N]) {
    let along = dot(step, change);
    if along <= 0.0 {
        return;
    }
    let moved = product(inverse, change);
    let weight = (1.0 + dot(change, &moved) / along) / along;
    for i in 0..N {
        for j in 0..N {
            let mixed = moved[i] * step[j] + step[i] * moved[j];
            inverse[i][j] += weight * step[i] * step[j] - mixed / along;
        }
    }
}

fn unit<const N: usize>() -> Square<N> {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }))
}

fn product<const N: usize>(matrix: &Square<N>, vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| dot(&matrix[i], vector))
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_bent_valley_is_found() {
        // Rosenbrock's function.
        let valley = |&[x, y]: &[f64; 2]| {
            let (a, b) = (1.0 - x, y - x * x);
            (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x * b, 200.0 * b])
        };
        let found = minimise(&valley, [-1.2, 1.0], None);
        assert!(found.gain_left < GAIN_MIN && found.iteration_count < 60, "{found:?}");
        assert!(found.point.iter().all(|it| (it - 1.0).abs() < 1e-6), "{found:?}");
    }

    #[test]
    fn what_is_no_number_is_not_stepped_on() {
        let wall = |&[x]: &[f64; 1]| (x - x.ln(), [1.0 - x.recip()]);
        let found = minimise(&wall, [0.2], None);
        assert!(found.gain_left < GAIN_MIN && (found.point[0] - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn a_slope_without_end_is_not_reached() {
        let fall = |&[x]: &[f64; 1]| (-x, [-1.0]);
        assert!(minimise(&fall, [0.0], None).gain_left > 0.5);
    }
}
