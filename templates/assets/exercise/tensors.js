/* Tensors of a few numbers, and views of them: shapes, indices, axes. The same as
   generator/exercises/meaning/tensors.py. A tensor's numbers are always stored in order; `isDense`
   tells whether PyTorch's would be. `isAny`: only the shape counts. */
"use strict";
(() => {
  const { Unclear } = Exercise;
  const MOST_NUMBERS = 200000, MOST_AXES = 8;

  class Tensor {
    constructor(shape, values, isAny = false, isDense = true) {
      Object.assign(this, { shape, values, isAny, isDense });
    }
  }

  class Slice {
    constructor(start, stop, step) { Object.assign(this, { start, stop, step }); }
  }

  const ELLIPSIS = Symbol("...");
  const isWhole = (value) => typeof value === "number";
  const product = (sizes) => sizes.reduce((one, other) => one * other, 1);
  const same = (one, other) => one.length === other.length && one.every((x, i) => x === other[i]);
  const upTo = (count) => Array.from({ length: count }, (_, i) => i);

  function checkSizes(shape) {
    if (!shape.every((size) => isWhole(size) && size >= 0) || shape.length > MOST_AXES) throw new Unclear();
    if (product(shape) > MOST_NUMBERS) throw new Unclear();
  }

  function filled(shape, value = 0, isAny = false) {
    checkSizes(shape);
    return new Tensor(shape, new Float64Array(product(shape)).fill(value), isAny);
  }

  function probe(shape, seed) {
    checkSizes(shape);
    const spread = (i) => ((i * 7919 + seed * 104729 + 12345) * 48271) % 2147483647;
    const values = Float64Array.from({ length: product(shape) }, (_, i) => spread(i) / 2147483647 * 2 - 1);
    return new Tensor(shape, values);
  }

  function axisOf(axis, count) {
    if (!isWhole(axis) || axis < -count || axis >= count) throw new Unclear();
    return axis < 0 ? axis + count : axis;
  }

  function stridesOf(shape) {
    const strides = Array(shape.length);
    for (let i = shape.length - 1, step = 1; i >= 0; i--) strides[i] = step, step *= shape[i];
    return strides;
  }

  /** The numbers at steps of their own along each axis of a shape. */
  function strided(values, shape, strides) {
    const found = new Float64Array(product(shape)), at = Array(shape.length).fill(0);
    for (let n = 0, offset = 0; n < found.length; n++) {
      found[n] = values[offset];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        offset += strides[axis];
        if (++at[axis] < shape[axis]) break;
        offset -= strides[axis] * shape[axis];
        at[axis] = 0;
      }
    }
    return found;
  }

  function reshaped(tensor, shape) {
    const sizes = shape.slice(), size = tensor.values.length;
    const open = sizes.filter((one) => one === -1).length;
    if (open > 1 || !sizes.every((one) => isWhole(one) && one >= -1)) throw new Unclear();
    if (open) {
      const known = product(sizes.filter((one) => one !== -1));
      if (known === 0 || size % known) throw new Unclear();
      sizes[sizes.indexOf(-1)] = size / known;
    }
    if (product(sizes) !== size || sizes.length > MOST_AXES) throw new Unclear();
    return new Tensor(sizes, tensor.values, tensor.isAny);
  }

  function viewed(tensor, shape) {
    if (!tensor.isDense) throw new Unclear();
    return reshaped(tensor, shape);
  }

  function permuted(tensor, axes) {
    const { shape } = tensor;
    const order = axes.map((axis) => axisOf(axis, shape.length));
    const sorted = order.slice().sort((one, other) => one - other);
    if (!same(sorted, upTo(shape.length))) throw new Unclear();
    const moved = order.filter((axis) => shape[axis] !== 1);
    const isDense = tensor.isDense && moved.every((axis, i) => i === 0 || moved[i - 1] < axis);
    const sizes = order.map((axis) => shape[axis]), old = stridesOf(shape);
    const strides = order.map((axis) => old[axis]);
    return new Tensor(sizes, strided(tensor.values, sizes, strides), tensor.isAny, isDense);
  }

  function transposed(tensor, one, other) {
    const count = tensor.shape.length, order = upTo(count);
    const first = axisOf(one, count), second = axisOf(other, count);
    [order[first], order[second]] = [order[second], order[first]];
    return permuted(tensor, order);
  }

  function unsqueezed(tensor, axis) {
    const sizes = tensor.shape.slice();
    if (sizes.length >= MOST_AXES) throw new Unclear();
    sizes.splice(axisOf(axis, sizes.length + 1), 0, 1);
    return new Tensor(sizes, tensor.values, tensor.isAny, tensor.isDense);
  }

  function squeezed(tensor, axis = null) {
    const at = axis === null ? null : axisOf(axis, tensor.shape.length);
    const kept = tensor.shape.filter((size, i) => size !== 1 || (at !== null && i !== at));
    return new Tensor(kept, tensor.values, tensor.isAny, tensor.isDense);
  }

  function flattened(tensor, first, last) {
    const { shape } = tensor;
    const start = axisOf(first, shape.length), end = axisOf(last, shape.length);
    if (start > end) throw new Unclear();
    const middle = product(shape.slice(start, end + 1));
    return reshaped(tensor, [...shape.slice(0, start), middle, ...shape.slice(end + 1)]);
  }

  function expanded(tensor, sizes) {
    const missing = sizes.length - tensor.shape.length;
    if (missing < 0 || !sizes.every(isWhole)) throw new Unclear();
    if (sizes.slice(0, missing).includes(-1)) throw new Unclear();
    const old = [...Array(missing).fill(1), ...tensor.shape];
    const shape = sizes.map((size, i) => (size === -1 ? old[i] : size));
    checkSizes(shape);
    if (old.some((size, i) => size !== 1 && size !== shape[i])) throw new Unclear();
    const strides = stridesOf(old).map((step, i) => (old[i] === 1 ? 0 : step));
    const isDense = tensor.isDense && same(old, shape);
    return new Tensor(shape, strided(tensor.values, shape, strides), tensor.isAny, isDense);
  }

  function repeated(tensor, counts) {
    const missing = counts.length - tensor.shape.length;
    if (missing < 0) throw new Unclear();
    checkSizes(counts);
    let found = reshaped(tensor, [...Array(missing).fill(1), ...tensor.shape]);
    checkSizes(found.shape.map((size, i) => size * counts[i]));
    counts.forEach((count, axis) => {
      const size = found.shape[axis];
      found = taken(found, axis, upTo(size * count).map((place) => place % size));
    });
    return found;
  }

  const areTensors = (values) =>
    Array.isArray(values) && values.length > 0 && values.every((one) => one instanceof Tensor);

  function joined(tensors, axis) {
    if (!areTensors(tensors)) throw new Unclear();
    const [first] = tensors, place = axisOf(axis, first.shape.length);
    const restOf = (one) => one.shape.filter((_, i) => i !== place);
    if (tensors.some((one) => one.shape.length !== first.shape.length)) throw new Unclear();
    if (tensors.some((one) => !same(restOf(one), restOf(first)))) throw new Unclear();
    const shape = first.shape.slice();
    shape[place] = tensors.reduce((sum, one) => sum + one.shape[place], 0);
    const values = new Float64Array(product(shape));
    for (let block = 0, n = 0; n < values.length; block++) {
      for (const one of tensors) {
        const size = product(one.shape.slice(place));
        values.set(one.values.subarray(block * size, (block + 1) * size), n);
        n += size;
      }
    }
    return new Tensor(shape, values, tensors.some((one) => one.isAny));
  }

  function stacked(tensors, axis) {
    if (!areTensors(tensors)) throw new Unclear();
    const place = axisOf(axis, tensors[0].shape.length + 1);
    return joined(tensors.map((one) => unsqueezed(one, place)), place);
  }

  function taken(tensor, axis, places) {
    const { shape } = tensor, at = axisOf(axis, shape.length);
    const chosen = places.map((place) => axisOf(place, shape[at]));
    const sizes = shape.slice(), step = product(shape.slice(at + 1));
    sizes[at] = chosen.length;
    const values = new Float64Array(product(sizes));
    for (let block = 0, n = 0; n < values.length; block++) {
      for (const place of chosen) {
        const start = (block * shape[at] + place) * step;
        values.set(tensor.values.subarray(start, start + step), n);
        n += step;
      }
    }
    return new Tensor(sizes, values, tensor.isAny);
  }

  function combined(one, other, run) {
    const count = Math.max(one.shape.length, other.shape.length);
    const sizeAt = (shape, i) => shape[i - count + shape.length] ?? 1;
    const shape = upTo(count).map((i) => {
      const a = sizeAt(one.shape, i), b = sizeAt(other.shape, i);
      if (a !== b && a !== 1 && b !== 1) throw new Unclear();
      return a === 1 ? b : a;
    });
    checkSizes(shape);
    const left = expanded(one, shape).values, right = expanded(other, shape).values;
    return new Tensor(shape, left.map((value, i) => run(value, right[i])), one.isAny || other.isAny);
  }

  function indexed(tensor, given) {
    let indices = given;
    const consumed = indices.filter((index) => index !== null && index !== ELLIPSIS).length;
    const dots = indices.filter((index) => index === ELLIPSIS).length;
    if (dots > 1 || consumed > tensor.shape.length) throw new Unclear();
    if (dots) {
      const rest = Array(tensor.shape.length - consumed).fill(new Slice(null, null, null));
      indices = indices.flatMap((index) => (index === ELLIPSIS ? rest : [index]));
    }
    let axis = 0, found = tensor;
    for (const index of indices) {
      if (index === null) {
        found = unsqueezed(found, axis++);
      } else if (index instanceof Slice) {
        found = sliced(found, axis++, index);
      } else if (Array.isArray(index)) {
        found = taken(found, axis++, index);
      } else {
        const one = taken(found, axis, [index]);
        const shape = one.shape.filter((_, i) => i !== axis);
        found = new Tensor(shape, one.values, one.isAny, found.isDense && axis === 0);
      }
    }
    return found;
  }

  /** The places of a slice; it goes forwards. */
  function placesOf({ start, stop, step }, count) {
    if (![start, stop, step].every((part) => part === null || isWhole(part))) throw new Unclear();
    if (step !== null && step < 1) throw new Unclear();
    const inside = (part) => Math.min(Math.max(part < 0 ? part + count : part, 0), count);
    const places = [], end = stop === null ? count : inside(stop);
    for (let i = start === null ? 0 : inside(start); i < end; i += step ?? 1) places.push(i);
    return places;
  }

  function sliced(tensor, axis, slice) {
    const places = placesOf(slice, tensor.shape[axis]);
    const found = taken(tensor, axis, places);
    const isAll = places.length === tensor.shape[axis];
    const isFirst = product(tensor.shape.slice(0, axis)) === 1 && (slice.step ?? 1) === 1;
    found.isDense = tensor.isDense && (isAll || isFirst);
    return found;
  }

  Exercise.tensors = {
    ELLIPSIS, Slice, Tensor, axisOf, combined, expanded, filled, flattened, indexed, isWhole,
    joined, permuted, placesOf, probe, product, repeated, reshaped, squeezed, stacked, taken,
    transposed, unsqueezed, viewed,
  };
})();
