/**
 * The loops over whole parameter vectors, in AssemblyScript with SIMD.
 *
 * Owns arithmetic only: no static data, no allocation, no state but a second result of an instance, so that one module may run in any number of
 * threads on one imported shared memory. Arguments are byte addresses and element counts; `../kernels.ts` checks
 * them. `../plain.ts` is the same arithmetic in JavaScript, to the bit: whoever changes a rounding, the order of
 * an addition or a lane here changes it there.
 *
 * Sums run in eight float64 lanes (element i in lane i mod 8), added as ((0+2)+(4+6)) + ((1+3)+(5+7)); the up to
 * seven elements after the last whole group of eight are then added one by one.
 *
 * RACE (by design, R1 and R3 in src/shared/RACES.md): other threads run these loops on the same elements.
 */

// @ts-nocheck AssemblyScript, not TypeScript: `asc` checks this file.

/** Squares of the low half of four float32, as two float64. */
function lowSquares(values: v128): v128 {
  const low = f64x2.promote_low_f32x4(values);
  return f64x2.mul(low, low);
}

/** Squares of the high half. */
function highSquares(values: v128): v128 {
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(values, values, 1, 0));
  return f64x2.mul(high, high);
}

/** Adds the eight lanes in the order that the file header gives. */
function sumLanes(sum01: v128, sum23: v128, sum45: v128, sum67: v128): f64 {
  const total = f64x2.add(f64x2.add(sum01, sum23), f64x2.add(sum45, sum67));
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** Σ g². */
export function squaredNorm(gradient: usize, length: u32): f64 {
  let sum01 = f64x2.splat(0);
  let sum23 = f64x2.splat(0);
  let sum45 = f64x2.splat(0);
  let sum67 = f64x2.splat(0);
  for (; length >= 8; length -= 8) {
    const a = v128.load(gradient);
    const b = v128.load(gradient, 16);
    sum01 = f64x2.add(sum01, lowSquares(a));
    sum23 = f64x2.add(sum23, highSquares(a));
    sum45 = f64x2.add(sum45, lowSquares(b));
    sum67 = f64x2.add(sum67, highSquares(b));
    gradient += 32;
  }
  let sum = sumLanes(sum01, sum23, sum45, sum67);
  for (; length > 0; length--) {
    const g = <f64>load<f32>(gradient);
    sum += g * g;
    gradient += 4;
  }
  return sum;
}

/** m ← m + gain·(scale·g − m) for four elements. */
function approach(mean: v128, gradient: v128, scale: v128, gain: v128): v128 {
  return f32x4.add(mean, f32x4.mul(gain, f32x4.sub(f32x4.mul(scale, gradient), mean)));
}

/** m ← m + gain·(scale·g − m); returns Σ m². */
export function observe(gradient: usize, mean: usize, length: u32, scale: f32, gain: f32): f64 {
  const scales = f32x4.splat(scale);
  const gains = f32x4.splat(gain);
  let sum01 = f64x2.splat(0);
  let sum23 = f64x2.splat(0);
  let sum45 = f64x2.splat(0);
  let sum67 = f64x2.splat(0);
  for (; length >= 8; length -= 8) {
    const a = approach(v128.load(mean), v128.load(gradient), scales, gains);
    const b = approach(v128.load(mean, 16), v128.load(gradient, 16), scales, gains);
    v128.store(mean, a);
    v128.store(mean, b, 16);
    sum01 = f64x2.add(sum01, lowSquares(a));
    sum23 = f64x2.add(sum23, highSquares(a));
    sum45 = f64x2.add(sum45, lowSquares(b));
    sum67 = f64x2.add(sum67, highSquares(b));
    gradient += 32;
    mean += 32;
  }
  let sum = sumLanes(sum01, sum23, sum45, sum67);
  for (; length > 0; length--) {
    const old = load<f32>(mean);
    const m: f32 = old + gain * (scale * load<f32>(gradient) - old);
    store<f32>(mean, m);
    sum += <f64>m * <f64>m;
    gradient += 4;
    mean += 4;
  }
  return sum;
}

/** v ← μv − step·g; x ← x + v. */
export function applyMomentum(
  parameters: usize,
  velocity: usize,
  gradient: usize,
  length: u32,
  momentum: f32,
  step: f32,
): void {
  const momenta = f32x4.splat(momentum);
  const steps = f32x4.splat(step);
  for (; length >= 4; length -= 4) {
    const v = f32x4.sub(f32x4.mul(momenta, v128.load(velocity)), f32x4.mul(steps, v128.load(gradient)));
    v128.store(velocity, v);
    v128.store(parameters, f32x4.add(v128.load(parameters), v));
    parameters += 16;
    velocity += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const v: f32 = momentum * load<f32>(velocity) - step * load<f32>(gradient);
    store<f32>(velocity, v);
    store<f32>(parameters, load<f32>(parameters) + v);
    parameters += 4;
    velocity += 4;
    gradient += 4;
  }
}

/** v ← μv − step·g; x ← x + (μv − step·g). */
export function applyNesterov(
  parameters: usize,
  velocity: usize,
  gradient: usize,
  length: u32,
  momentum: f32,
  step: f32,
): void {
  const momenta = f32x4.splat(momentum);
  const steps = f32x4.splat(step);
  for (; length >= 4; length -= 4) {
    const descent = f32x4.mul(steps, v128.load(gradient));
    const v = f32x4.sub(f32x4.mul(momenta, v128.load(velocity)), descent);
    v128.store(velocity, v);
    const ahead = f32x4.sub(f32x4.mul(momenta, v), descent);
    v128.store(parameters, f32x4.add(v128.load(parameters), ahead));
    parameters += 16;
    velocity += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const descent: f32 = step * load<f32>(gradient);
    const v: f32 = momentum * load<f32>(velocity) - descent;
    store<f32>(velocity, v);
    const ahead: f32 = momentum * v - descent;
    store<f32>(parameters, load<f32>(parameters) + ahead);
    parameters += 4;
    velocity += 4;
    gradient += 4;
  }
}

/** x ← x − step·g. */
export function applySgd(parameters: usize, gradient: usize, length: u32, step: f32): void {
  const steps = f32x4.splat(step);
  for (; length >= 4; length -= 4) {
    v128.store(parameters, f32x4.sub(v128.load(parameters), f32x4.mul(steps, v128.load(gradient))));
    parameters += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    store<f32>(parameters, load<f32>(parameters) - step * load<f32>(gradient));
    parameters += 4;
    gradient += 4;
  }
}

/**
 * m ← m + gain1·(g − m);  v ← v + gain2·(g² − v);  x ← (x − decay·x) − step·m / (√(correction2·v) + epsilon), where
 * `step` holds the first bias correction.
 */
export function applyAdam(
  parameters: usize,
  first: usize,
  second: usize,
  gradient: usize,
  length: u32,
  gain1: f32,
  gain2: f32,
  correction2: f32,
  epsilon: f32,
  step: f32,
  decay: f32,
): void {
  const decays = f32x4.splat(decay);
  const gains1 = f32x4.splat(gain1);
  const gains2 = f32x4.splat(gain2);
  const corrections2 = f32x4.splat(correction2);
  const epsilons = f32x4.splat(epsilon);
  const steps = f32x4.splat(step);
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const m0 = v128.load(first);
    const v0 = v128.load(second);
    const m = f32x4.add(m0, f32x4.mul(gains1, f32x4.sub(g, m0)));
    const v = f32x4.add(v0, f32x4.mul(gains2, f32x4.sub(f32x4.mul(g, g), v0)));
    v128.store(first, m);
    v128.store(second, v);
    const divisor = f32x4.add(f32x4.sqrt(f32x4.mul(corrections2, v)), epsilons);
    const x = v128.load(parameters);
    const decayed = f32x4.sub(x, f32x4.mul(decays, x));
    v128.store(parameters, f32x4.sub(decayed, f32x4.div(f32x4.mul(steps, m), divisor)));
    parameters += 16;
    first += 16;
    second += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const m0 = load<f32>(first);
    const v0 = load<f32>(second);
    const m: f32 = m0 + gain1 * (g - m0);
    const v: f32 = v0 + gain2 * (g * g - v0);
    store<f32>(first, m);
    store<f32>(second, v);
    const divisor: f32 = sqrt<f32>(correction2 * v) + epsilon;
    const x = load<f32>(parameters);
    const decayed: f32 = x - decay * x;
    store<f32>(parameters, decayed - (step * m) / divisor);
    parameters += 4;
    first += 4;
    second += 4;
    gradient += 4;
  }
}

/** s ← s + gain·(g² − s);  v ← momentum·v − step·g / √(s + epsilon);  x ← x + v. */
export function applyRmsProp(
  parameters: usize,
  squares: usize,
  velocity: usize,
  gradient: usize,
  length: u32,
  gain: f32,
  momentum: f32,
  step: f32,
  epsilon: f32,
): void {
  const gains = f32x4.splat(gain);
  const momentums = f32x4.splat(momentum);
  const steps = f32x4.splat(step);
  const epsilons = f32x4.splat(epsilon);
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const s0 = v128.load(squares);
    const s = f32x4.add(s0, f32x4.mul(gains, f32x4.sub(f32x4.mul(g, g), s0)));
    const pull = f32x4.div(f32x4.mul(steps, g), f32x4.sqrt(f32x4.add(s, epsilons)));
    const v = f32x4.sub(f32x4.mul(momentums, v128.load(velocity)), pull);
    v128.store(squares, s);
    v128.store(velocity, v);
    v128.store(parameters, f32x4.add(v128.load(parameters), v));
    parameters += 16;
    squares += 16;
    velocity += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const s0 = load<f32>(squares);
    const s: f32 = s0 + gain * (g * g - s0);
    const pull: f32 = (step * g) / sqrt<f32>(s + epsilon);
    const v: f32 = momentum * load<f32>(velocity) - pull;
    store<f32>(squares, s);
    store<f32>(velocity, v);
    store<f32>(parameters, load<f32>(parameters) + v);
    parameters += 4;
    squares += 4;
    velocity += 4;
    gradient += 4;
  }
}

/** s ← s + g²;  x ← x − step·g / √(s + epsilon). */
export function applyAdagrad(
  parameters: usize,
  squares: usize,
  gradient: usize,
  length: u32,
  step: f32,
  epsilon: f32,
): void {
  const steps = f32x4.splat(step);
  const epsilons = f32x4.splat(epsilon);
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const s = f32x4.add(v128.load(squares), f32x4.mul(g, g));
    const pull = f32x4.div(f32x4.mul(steps, g), f32x4.sqrt(f32x4.add(s, epsilons)));
    v128.store(squares, s);
    v128.store(parameters, f32x4.sub(v128.load(parameters), pull));
    parameters += 16;
    squares += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const s: f32 = load<f32>(squares) + g * g;
    store<f32>(squares, s);
    store<f32>(parameters, load<f32>(parameters) - (step * g) / sqrt<f32>(s + epsilon));
    parameters += 4;
    squares += 4;
    gradient += 4;
  }
}

/** m ← m + gain1·(g − m);  u ← max(beta2·u, |g|);  x ← x − step·m / (u + epsilon). */
export function applyAdamax(
  parameters: usize,
  first: usize,
  largest: usize,
  gradient: usize,
  length: u32,
  gain1: f32,
  beta2: f32,
  step: f32,
  epsilon: f32,
): void {
  const gain1s = f32x4.splat(gain1);
  const beta2s = f32x4.splat(beta2);
  const steps = f32x4.splat(step);
  const epsilons = f32x4.splat(epsilon);
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const m0 = v128.load(first);
    const m = f32x4.add(m0, f32x4.mul(gain1s, f32x4.sub(g, m0)));
    const u = f32x4.max(f32x4.mul(beta2s, v128.load(largest)), f32x4.abs(g));
    v128.store(first, m);
    v128.store(largest, u);
    const pull = f32x4.div(f32x4.mul(steps, m), f32x4.add(u, epsilons));
    v128.store(parameters, f32x4.sub(v128.load(parameters), pull));
    parameters += 16;
    first += 16;
    largest += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const m0 = load<f32>(first);
    const m: f32 = m0 + gain1 * (g - m0);
    const u: f32 = max<f32>(beta2 * load<f32>(largest), abs<f32>(g));
    store<f32>(first, m);
    store<f32>(largest, u);
    store<f32>(parameters, load<f32>(parameters) - (step * m) / (u + epsilon));
    parameters += 4;
    first += 4;
    largest += 4;
    gradient += 4;
  }
}

/** d ← g·√(q + epsilon) / √(s + epsilon);  s ← s + gain·(g² − s);  q ← q + gain·(d² − q);  x ← x − step·d. */
export function applyAdadelta(
  parameters: usize,
  squares: usize,
  steps: usize,
  gradient: usize,
  length: u32,
  gain: f32,
  step: f32,
  epsilon: f32,
): void {
  const gains = f32x4.splat(gain);
  const epsilons = f32x4.splat(epsilon);
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const s = v128.load(squares);
    const q = v128.load(steps);
    const ratio = f32x4.div(f32x4.sqrt(f32x4.add(q, epsilons)), f32x4.sqrt(f32x4.add(s, epsilons)));
    const d = f32x4.mul(ratio, g);
    v128.store(squares, f32x4.add(s, f32x4.mul(gains, f32x4.sub(f32x4.mul(g, g), s))));
    v128.store(steps, f32x4.add(q, f32x4.mul(gains, f32x4.sub(f32x4.mul(d, d), q))));
    v128.store(parameters, f32x4.sub(v128.load(parameters), f32x4.mul(f32x4.splat(step), d)));
    parameters += 16;
    squares += 16;
    steps += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const s = load<f32>(squares);
    const q = load<f32>(steps);
    const d: f32 = (sqrt<f32>(q + epsilon) / sqrt<f32>(s + epsilon)) * g;
    store<f32>(squares, s + gain * (g * g - s));
    store<f32>(steps, q + gain * (d * d - q));
    store<f32>(parameters, load<f32>(parameters) - step * d);
    parameters += 4;
    squares += 4;
    steps += 4;
    gradient += 4;
  }
}

/** a·b of the low half of four float32, as two float64. */
function lowProducts(a: v128, b: v128): v128 {
  return f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
}

/** a·b of the high half. */
function highProducts(a: v128, b: v128): v128 {
  return lowProducts(v128.shuffle<i64>(a, a, 1, 0), v128.shuffle<i64>(b, b, 1, 0));
}

let squaredDirection: f64 = 0;

/**
 * With v' = v + gain2·(g² − v) and q = g / (√(correction2·v') + epsilon):
 * Σ q·((x̄ − lag·(z − x̄)) − r); Σ q² is kept for {@link lastSquaredDirection}. Element i of a whole group
 * of four is in lane i mod 4; the lanes from 4 on stay empty.
 */
export function alignment(
  read: usize,
  fast: usize,
  mean: usize,
  second: usize,
  gradient: usize,
  length: u32,
  gain2: f32,
  correction2: f32,
  epsilon: f32,
  lag: f32,
): f64 {
  const gains2 = f32x4.splat(gain2);
  const corrections2 = f32x4.splat(correction2);
  const epsilons = f32x4.splat(epsilon);
  const lags = f32x4.splat(lag);
  const none = f64x2.splat(0);
  let products01 = none;
  let products23 = none;
  let squares01 = none;
  let squares23 = none;
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const v0 = v128.load(second);
    const x = v128.load(mean);
    const v = f32x4.add(v0, f32x4.mul(gains2, f32x4.sub(f32x4.mul(g, g), v0)));
    const q = f32x4.div(g, f32x4.add(f32x4.sqrt(f32x4.mul(corrections2, v)), epsilons));
    const centre = f32x4.sub(x, f32x4.mul(lags, f32x4.sub(v128.load(fast), x)));
    const away = f32x4.sub(centre, v128.load(read));
    products01 = f64x2.add(products01, lowProducts(q, away));
    products23 = f64x2.add(products23, highProducts(q, away));
    squares01 = f64x2.add(squares01, lowSquares(q));
    squares23 = f64x2.add(squares23, highSquares(q));
    read += 16;
    fast += 16;
    mean += 16;
    second += 16;
    gradient += 16;
  }
  let products = sumLanes(products01, products23, none, none);
  let squares = sumLanes(squares01, squares23, none, none);
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const v0 = load<f32>(second);
    const x = load<f32>(mean);
    const v: f32 = v0 + gain2 * (g * g - v0);
    const q: f32 = g / (sqrt<f32>(correction2 * v) + epsilon);
    const centre: f32 = x - lag * (load<f32>(fast) - x);
    const away: f32 = centre - load<f32>(read);
    products += <f64>q * <f64>away;
    squares += <f64>q * <f64>q;
    read += 4;
    fast += 4;
    mean += 4;
    second += 4;
    gradient += 4;
  }
  squaredDirection = squares;
  return products;
}

/** Σ q² of the last {@link alignment}: a function has one result only. */
export function lastSquaredDirection(): f64 {
  return squaredDirection;
}

/**
 * With scale·g for g:  v ← v + gain2·(g² − v);  z ← z − step·g / (√(correction2·v) + epsilon);
 * x̄ ← x̄ + weight·(z − x̄);  y ← z + interpolation·(x̄ − z).
 */
export function applyScheduleFree(
  parameters: usize,
  fast: usize,
  mean: usize,
  second: usize,
  gradient: usize,
  length: u32,
  scale: f32,
  gain2: f32,
  correction2: f32,
  epsilon: f32,
  step: f32,
  weight: f32,
  interpolation: f32,
): void {
  const scales = f32x4.splat(scale);
  const gains2 = f32x4.splat(gain2);
  const corrections2 = f32x4.splat(correction2);
  const epsilons = f32x4.splat(epsilon);
  const steps = f32x4.splat(step);
  const weights = f32x4.splat(weight);
  const interpolations = f32x4.splat(interpolation);
  for (; length >= 4; length -= 4) {
    const g = f32x4.mul(scales, v128.load(gradient));
    const v0 = v128.load(second);
    const x0 = v128.load(mean);
    const v = f32x4.add(v0, f32x4.mul(gains2, f32x4.sub(f32x4.mul(g, g), v0)));
    v128.store(second, v);
    const divisor = f32x4.add(f32x4.sqrt(f32x4.mul(corrections2, v)), epsilons);
    const z = f32x4.sub(v128.load(fast), f32x4.div(f32x4.mul(steps, g), divisor));
    const x = f32x4.add(x0, f32x4.mul(weights, f32x4.sub(z, x0)));
    v128.store(fast, z);
    v128.store(mean, x);
    v128.store(parameters, f32x4.add(z, f32x4.mul(interpolations, f32x4.sub(x, z))));
    parameters += 16;
    fast += 16;
    mean += 16;
    second += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const g: f32 = scale * load<f32>(gradient);
    const v0 = load<f32>(second);
    const x0 = load<f32>(mean);
    const v: f32 = v0 + gain2 * (g * g - v0);
    store<f32>(second, v);
    const divisor: f32 = sqrt<f32>(correction2 * v) + epsilon;
    const z: f32 = load<f32>(fast) - (step * g) / divisor;
    const x: f32 = x0 + weight * (z - x0);
    store<f32>(fast, z);
    store<f32>(mean, x);
    store<f32>(parameters, z + interpolation * (x - z));
    parameters += 4;
    fast += 4;
    mean += 4;
    second += 4;
    gradient += 4;
  }
}

/** z ← z − step·g;  x̄ ← x̄ + weight·(z − x̄);  y ← z + interpolation·(x̄ − z). */
export function applyScheduleFreeSgd(
  parameters: usize,
  fast: usize,
  mean: usize,
  gradient: usize,
  length: u32,
  step: f32,
  weight: f32,
  interpolation: f32,
): void {
  const steps = f32x4.splat(step);
  const weights = f32x4.splat(weight);
  const interpolations = f32x4.splat(interpolation);
  for (; length >= 4; length -= 4) {
    const x0 = v128.load(mean);
    const z = f32x4.sub(v128.load(fast), f32x4.mul(steps, v128.load(gradient)));
    const x = f32x4.add(x0, f32x4.mul(weights, f32x4.sub(z, x0)));
    v128.store(fast, z);
    v128.store(mean, x);
    v128.store(parameters, f32x4.add(z, f32x4.mul(interpolations, f32x4.sub(x, z))));
    parameters += 16;
    fast += 16;
    mean += 16;
    gradient += 16;
  }
  for (; length > 0; length--) {
    const x0 = load<f32>(mean);
    const z: f32 = load<f32>(fast) - step * load<f32>(gradient);
    const x: f32 = x0 + weight * (z - x0);
    store<f32>(fast, z);
    store<f32>(mean, x);
    store<f32>(parameters, z + interpolation * (x - z));
    parameters += 4;
    fast += 4;
    mean += 4;
    gradient += 4;
  }
}

/** g ← min(max(scale·g, −limit), limit). */
export function clip(gradient: usize, length: u32, scale: f32, limit: f32): void {
  const scales = f32x4.splat(scale);
  const most = f32x4.splat(limit);
  const least = f32x4.splat(-limit);
  for (; length >= 4; length -= 4) {
    const scaled = f32x4.mul(scales, v128.load(gradient));
    v128.store(gradient, f32x4.min(f32x4.max(scaled, least), most));
    gradient += 16;
  }
  for (; length > 0; length--) {
    const scaled: f32 = scale * load<f32>(gradient);
    store<f32>(gradient, min<f32>(max<f32>(scaled, -limit), limit));
    gradient += 4;
  }
}

/** g ← g + strength·g²·(x − r). */
export function compensate(
  gradient: usize,
  parameters: usize,
  read: usize,
  length: u32,
  strength: f32,
): void {
  const strengths = f32x4.splat(strength);
  for (; length >= 4; length -= 4) {
    const g = v128.load(gradient);
    const moved = f32x4.sub(v128.load(parameters), v128.load(read));
    const squares = f32x4.mul(strengths, f32x4.mul(g, g));
    v128.store(gradient, f32x4.add(g, f32x4.mul(squares, moved)));
    gradient += 16;
    parameters += 16;
    read += 16;
  }
  for (; length > 0; length--) {
    const g = load<f32>(gradient);
    const moved: f32 = load<f32>(parameters) - load<f32>(read);
    const square: f32 = strength * (g * g);
    store<f32>(gradient, g + square * moved);
    gradient += 4;
    parameters += 4;
    read += 4;
  }
}

/** g ← g / (|x − r| / (√(correction·q) + epsilon) + 1). */
export function divideByGap(
  gradient: usize,
  parameters: usize,
  read: usize,
  squares: usize,
  length: u32,
  correction: f32,
  epsilon: f32,
): void {
  const corrections = f32x4.splat(correction);
  const epsilons = f32x4.splat(epsilon);
  const ones = f32x4.splat(1);
  for (; length >= 4; length -= 4) {
    const moved = f32x4.abs(f32x4.sub(v128.load(parameters), v128.load(read)));
    const step = f32x4.add(f32x4.sqrt(f32x4.mul(corrections, v128.load(squares))), epsilons);
    const gap = f32x4.add(f32x4.div(moved, step), ones);
    v128.store(gradient, f32x4.div(v128.load(gradient), gap));
    gradient += 16;
    parameters += 16;
    read += 16;
    squares += 16;
  }
  for (; length > 0; length--) {
    const moved: f32 = abs<f32>(load<f32>(parameters) - load<f32>(read));
    const step: f32 = sqrt<f32>(correction * load<f32>(squares)) + epsilon;
    const gap: f32 = moved / step + 1;
    store<f32>(gradient, load<f32>(gradient) / gap);
    gradient += 4;
    parameters += 4;
    read += 4;
    squares += 4;
  }
}

/** q ← q + gain·((x − b)² − q). */
export function observeStep(parameters: usize, before: usize, squares: usize, length: u32, gain: f32): void {
  const gains = f32x4.splat(gain);
  for (; length >= 4; length -= 4) {
    const step = f32x4.sub(v128.load(parameters), v128.load(before));
    const q = v128.load(squares);
    v128.store(squares, f32x4.add(q, f32x4.mul(gains, f32x4.sub(f32x4.mul(step, step), q))));
    parameters += 16;
    before += 16;
    squares += 16;
  }
  for (; length > 0; length--) {
    const step: f32 = load<f32>(parameters) - load<f32>(before);
    const q = load<f32>(squares);
    store<f32>(squares, q + gain * (step * step - q));
    parameters += 4;
    before += 4;
    squares += 4;
  }
}

/** Σ (x − r)². */
export function squaredDistance(parameters: usize, reference: usize, length: u32): f64 {
  let sum01 = f64x2.splat(0);
  let sum23 = f64x2.splat(0);
  let sum45 = f64x2.splat(0);
  let sum67 = f64x2.splat(0);
  for (; length >= 8; length -= 8) {
    const a = f32x4.sub(v128.load(parameters), v128.load(reference));
    const b = f32x4.sub(v128.load(parameters, 16), v128.load(reference, 16));
    sum01 = f64x2.add(sum01, lowSquares(a));
    sum23 = f64x2.add(sum23, highSquares(a));
    sum45 = f64x2.add(sum45, lowSquares(b));
    sum67 = f64x2.add(sum67, highSquares(b));
    parameters += 32;
    reference += 32;
  }
  let sum = sumLanes(sum01, sum23, sum45, sum67);
  for (; length > 0; length--) {
    const d: f32 = load<f32>(parameters) - load<f32>(reference);
    sum += <f64>d * <f64>d;
    parameters += 4;
    reference += 4;
  }
  return sum;
}

/** target ← source. The bulk copy of the runtime uses wider registers than SIMD has here. */
export function copy(source: usize, target: usize, length: u32): void {
  memory.copy(target, source, (<usize>length) << 2);
}

/** target ← scale·source + offset. */
export function scaleBytes(source: usize, target: usize, length: u32, scale: f32, offset: f32): void {
  const scales = f32x4.splat(scale);
  const offsets = f32x4.splat(offset);
  for (; length >= 8; length -= 8) {
    const words = v128.load8x8_u(source);
    const a = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words));
    const b = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words));
    v128.store(target, f32x4.add(f32x4.mul(scales, a), offsets));
    v128.store(target, f32x4.add(f32x4.mul(scales, b), offsets), 16);
    source += 8;
    target += 32;
  }
  for (; length > 0; length--) {
    store<f32>(target, scale * <f32>load<u8>(source) + offset);
    source += 1;
    target += 4;
  }
}
