'use strict';
// The chart, which takes the place of the drawing. Whatever fails here leaves the drawing where it is.
(() => {
  const root = document.documentElement;
  const [holder, canvas, names, selection, reset, hint] = ['chart', 'canvas', 'names', 'selection', 'reset', 'hint'].map((id) => document.getElementById(id));
  const data = JSON.parse(document.getElementById('data').textContent); // the figure of figure.go
  const collections = data.option.dataset[0].source
    .map((row) => Object.fromEntries(data.columns.map((name, i) => [name, row[i]])))
    .filter((c) => c.live !== null); // the others part two runs
  let chart = null;
  let range = [data.from, data.to]; // that is shown
  let unit = ''; // of the ticks of the horizontal axis

  const span = () => range[1] - range[0];
  const whole = () => range[0] <= data.from && range[1] >= data.to;
  const narrow = () => holder.clientWidth < 700;
  const plot = (i) => chart.getModel().getComponent('grid', i).coordinateSystem.getRect();
  const pixel = (x) => chart.convertToPixel({ xAxisIndex: 0 }, x);
  const within = (v, low, high) => Math.min(Math.max(v, low), high);

  // Numbers, as the report prints them.
  const pad = (n) => String(n).padStart(2, '0');
  const trimmed = (n) => String(Math.round(n * 1e6) / 1e6);
  const KiB = 1024, MiB = 1048576, GiB = 1073741824, TiB = 1099511627776;
  const size = (bytes) => {
    if (bytes >= TiB) return `${(bytes / TiB).toFixed(2)} TiB`;
    if (bytes >= GiB) return `${(bytes / GiB).toFixed(2)} GiB`;
    if (bytes >= 10 * MiB) return `${(bytes / MiB).toFixed(0)} MiB`;
    if (bytes >= MiB) return `${(bytes / MiB).toFixed(1).replace(/\.0$/, '')} MiB`;
    return bytes >= KiB ? `${(bytes / KiB).toFixed(0)} KiB` : `${bytes} B`;
  };
  const pause = (s) => {
    const ms = s * 1000;
    if (ms >= 10000) return `${s.toFixed(0)} s`;
    if (ms >= 1000) return `${s.toFixed(1)} s`;
    return ms >= 10 ? `${ms.toFixed(0)} ms` : ms >= 1 ? `${ms.toFixed(1)} ms` : `${Number(ms.toPrecision(2))} ms`;
  };
  const printed = { bytes: size, shares: (v) => `${Math.round(100 * v)} %`, seconds: pause, count: (v) => v.toLocaleString('en') };

  // Moments. On the axis they are milliseconds, or numbers of collections where the log has no clock.
  const day = 86400e3;
  const fine = data.to - data.from <= 120e3;
  const ahead = (x) => (data.shifts.filter((s) => s.from <= x).pop() || data.shifts[0]).ahead;
  const local = (x) => new Date(x + ahead(x));
  const clock = (x, digits) => local(x).toISOString().slice(11, 11 + digits);
  const date = (x) => `${local(x).getUTCDate()} ${local(x).toUTCString().slice(8, 11)}`;
  const colons = (ms) => {
    const s = Math.round(ms / 1000);
    const rest = `${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
    return s < 3600 ? rest : `${Math.floor(s / 3600)}:${rest}`;
  };
  const since = (x, text) => (data.axis === 't-minus' ? (x > 0 ? 'T+' : 'T−') : x < 0 ? '−' : '') + text;
  const moment = (x) => {
    if (data.axis === 'cycles') return `${data.number} ${cycleAt(x)}`;
    if (data.axis === 'wall') return (date(x) === date(data.end) ? '' : `${date(x)} `) + clock(x, fine ? 12 : 8);
    return since(x, fine ? `${(Math.abs(x) / 1000).toFixed(2)} s` : colons(Math.abs(x)));
  };
  const words = (ms) => {
    const s = Math.round(ms / 1000);
    if (s < 60) return `${s < 10 ? (ms / 1000).toFixed(1) : s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${pad(s % 60)} s`;
    return `${Math.floor(s / 3600)} h ${pad(Math.floor(s / 60) % 60)} min`;
  };

  // Ticks of the horizontal axis: at the steps of the report, and written as it writes them.
  const cycleAt = (x) => {
    const c = collections.find((c) => c.x >= x) || collections[collections.length - 1];
    return Math.max(0, c.cycle + Math.round(x - c.x));
  };
  const wallTick = (x) => {
    const digits = { ms: 12, s: 8, min: 5, h: 5, d: 0 }[unit];
    if (!digits) return date(x);
    return (digits === 5 && span() > day ? `${date(x)} ` : '') + clock(x, digits);
  };
  const sinceTick = (ms) => {
    if (ms === 0) return '0';
    const m = Math.round(ms / 60e3);
    switch (unit) {
      case 'min': return colons(ms);
      case 'h': return `${Math.floor(m / 60)}:${pad(m % 60)} h`;
      case 'd': return `${Math.round(ms / day * 100) / 100} d`;
    }
    return `${trimmed(ms / 1000)} s`;
  };
  const tickText = (x) => {
    if (data.axis === 'cycles') return String(cycleAt(x));
    return data.axis === 'wall' ? wallTick(x) : since(x, sinceTick(Math.abs(x)));
  };
  const ticks = () => {
    const want = span() / (narrow() ? 4 : data.ticks);
    const step = data.steps.find((s) => s.size >= want);
    if (!step) return []; // of a single moment
    const origin = -ahead(range[0]);
    const out = [];
    for (let k = Math.ceil((range[0] - origin) / step.size); origin + k * step.size <= range[1]; k++) out.push(origin + k * step.size);
    unit = step.unit;
    return out;
  };

  // What the tooltip says of the collection nearest to a moment: numbers and words of ours only, as it is not escaped.
  const nearest = (x) => collections.reduce((best, c) => (Math.abs(c.x - x) < Math.abs(best.x - x) ? c : best), collections[0]);
  const heap = (c) => {
    const out = [`${data.level} ${size(c.live)}`];
    if (c.band > 0) out.push(`peak ${size(c.live + c.band)}`);
    if (c.goal !== null) out.push(`goal ${size(c.goal)}`);
    if (c.pause !== null) out.push(`pause ${pause(c.pause)}`);
    return out;
  };
  const lanes = (x) => data.lanes.flatMap((lane) => {
    const [, value] = lane.data.filter((p) => p[0] <= x).pop() || [x, null];
    return value === null ? [] : [`${lane.word} ${printed[lane.of](value)}`];
  });
  // What was said within a few pixels of a moment, and the life that it falls into.
  const heard = (x) => {
    const close = span() * 6 / Math.max(plot(0).width, 100);
    const near = (m) => (m.life ? m.x <= x && x <= m.to : Math.abs(m.x - x) <= close);
    const said = data.voices.flatMap((voice) => voice.marks.filter(near).map((m) => `<b>${voice.title}: ${m.word}</b>, ${moment(m.x)}, ${lineOf(m)}`));
    return said.slice(0, 8);
  };
  // The names of files stand in the page, escaped; there are none where one file was read.
  const files = [...document.querySelectorAll('#files li')].map((item) => item.innerHTML);
  const lineOf = (p) => `line ${p.line}${files.length ? ` of ${files[p.file || 0]}` : ''}`;
  const tip = (items) => {
    const at = [].concat(items)[0];
    if (!at) return '';
    const c = nearest(at.axisValue);
    const timed = data.axis !== 'cycles';
    const out = [`<b>${timed ? `${moment(c.x)} · ` : ''}${data.number} ${c.cycle}</b>`, ...heap(c), ...lanes(c.x), lineOf(c), ...heard(at.axisValue)];
    if (timed && c.x < data.end) out.push(`${words(data.end - c.x)} before ${data.endWord}`);
    return out.join('<br>');
  };

  // Colours are named in the option and looked up here, for the theme of the moment.
  const coloured = (value) => {
    if (typeof value === 'string') {
      const name = /^var\((--[a-z]+)\)$/.exec(value);
      return name ? getComputedStyle(root).getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.length && typeof value[0] !== 'object' ? value : value.map(coloured);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, k === 'source' ? v : coloured(v)]));
    return value;
  };

  // The option of the report, with what only a script can say.
  const place = (grid) => {
    grid.outerBoundsMode = 'none';
    if (narrow()) grid.right = 12;
  };
  const along = (axis, values) => {
    Object.assign(axis.axisLabel, { customValues: values, formatter: tickText, hideOverlap: true });
    axis.axisTick.customValues = values;
    axis.containShape = false; // else the bars of a lane make its axis longer than that of the heap
    return axis;
  };
  const upwards = (axis, i) => { axis.axisLabel.formatter = (v) => data.heights[i][v / axis.interval] || ''; };
  const hush = (series) => {
    series.silent = true;
    series.emphasis = { disabled: true };
    for (const mark of ['markLine', 'markArea', 'markPoint']) if (series[mark]) series[mark].silent = true;
    if (series.name === 'base' || series.name === 'band') series.z = 1;
  };
  const tooltip = () => coloured({
    formatter: tip, confine: true, backgroundColor: 'var(--bg)', borderColor: 'var(--rule)', padding: [7, 11],
    textStyle: { color: 'var(--fg)', fontSize: 12.5, fontFamily: getComputedStyle(document.body).fontFamily },
  });
  const show = () => {
    const option = coloured(data.option);
    option.grid.forEach(place);
    const values = ticks();
    option.xAxis.forEach((axis) => along(axis, values));
    option.yAxis.forEach(upwards);
    option.series.forEach(hush);
    option.axisPointer = coloured({ link: [{ xAxisIndex: 'all' }], lineStyle: { color: 'var(--soft)' } });
    Object.assign(option.tooltip, tooltip());
    chart.setOption(option, true);
    chart.dispatchAction({ type: 'dataZoom', startValue: range[0], endValue: range[1] });
    label();
  };

  // Names of lines and marks, placed so that none covers another; those that find no room are left out.
  const put = (text, css, x, y, side) => {
    const name = document.createElement('span');
    name.className = css.split(' ').map((c) => `is-${c}`).join(' ');
    name.textContent = text;
    name.style.left = `${x}px`;
    name.style.top = `${y}px`;
    if (side) name.style.transform = `translateX(-${side}%)`;
    names.append(name);
    return name;
  };
  const nameLines = (lines, i) => {
    const box = plot(i);
    const taken = [];
    for (const line of lines) {
      if (line.full && (narrow() || !whole())) continue;
      const y = chart.convertToPixel({ yAxisIndex: i }, line.y);
      if (narrow()) {
        put(line.text, line.class, box.x + 5, y + 1);
        continue;
      }
      const want = within(y, box.y, box.y + box.height);
      for (let shift = 0; shift <= 28; shift++) {
        const spot = [want + shift, want - shift].find((v) => v >= box.y && v <= box.y + box.height && taken.every((t) => Math.abs(t - v) >= 14));
        if (spot === undefined) continue;
        taken.push(spot);
        put(line.text, line.class, box.x + box.width + 9, spot - 9);
        break;
      }
    }
  };
  // A row of what a witness said: inside a life, to the right of a mark, or to its left.
  const nameVoice = (voice, box, top) => {
    const title = put(voice.title, 'soft', box.x - 8, top, 100);
    title.style.fontSize = `${12 * Math.min(1, (box.x - 8) / title.offsetWidth)}px`;
    const shown = voice.marks.filter((m) => m.to >= range[0] && m.x <= range[1]);
    const taken = shown.filter((m) => !m.life).map((m) => [pixel(m.x) - 7, pixel(m.x) + 7]);
    for (const m of shown) {
      const name = put(m.word, m.hot ? 'alarm strong' : 'muted', 0, top);
      const width = name.offsetWidth;
      const from = Math.max(pixel(m.x), box.x), to = Math.min(pixel(m.to), box.x + box.width);
      const spots = m.life ? (width + 6 <= to - from ? [(from + to - width) / 2] : []) : [pixel(m.x) + 9, pixel(m.x) - 9 - width];
      const spot = spots.find((s) => s >= box.x && s + width <= holder.clientWidth && taken.every(([a, b]) => s >= b || s + width + 4 <= a));
      if (spot === undefined) { name.remove(); continue; }
      name.style.left = `${spot}px`;
      taken.push([spot, spot + width + 4]);
    }
  };
  const nameVoices = (i) => {
    const box = plot(i);
    const height = box.height / data.voices.length;
    put('what the logs tell, and when', 'soft', box.x, box.y - 22);
    data.voices.forEach((voice, row) => nameVoice(voice, box, box.y + height * (row + 0.5) - 9));
  };
  // The flags over the heap, in two rows; holder.style gives the upper one room where it is used.
  const flagText = (flag) => (narrow() && data.axis === 'wall' && data.to - data.from > 600e3 ? clock(flag.x, 5) : flag.when);
  const nameFlags = () => {
    const top = plot(0).y;
    const placed = [];
    const shown = data.flags.filter((f) => f.x >= range[0] && f.x <= range[1]);
    const rightmost = Math.max(...shown.map((f) => f.x));
    for (const f of shown) {
      const at = pixel(f.x);
      const name = put('', f.class, at, 0);
      name.append(f.text, document.createElement('br'), flagText(f));
      const width = name.offsetWidth;
      const sides = f.x === rightmost ? [0, 50, 100] : f.class.includes('alarm') ? [100, 50, 0] : [50, 100, 0];
      const spot = [0, 1].flatMap((row) => sides.map((side) => ({ row, side, from: at - width * side / 100, to: at + width * (1 - side / 100) })))
        .find((s) => s.from >= 30 && s.to <= holder.clientWidth && placed.every((p) => p.row !== s.row || s.from > p.to + 7 || s.to < p.from - 7));
      if (!spot) { name.remove(); continue; }
      placed.push(spot);
      name.style.top = `${top - 42 - 33 * spot.row}px`;
      name.style.transform = `translateX(-${spot.side}%)`;
      name.style.textAlign = ['left', 'center', 'right'][spot.side / 50];
    }
    if (whole()) holder.style.marginTop = placed.some((p) => p.row > 0) ? '0' : '-33px';
  };
  const label = () => {
    names.textContent = '';
    reset.hidden = whole();
    nameLines(data.edges, 0);
    data.lanes.forEach((lane, i) => {
      const box = plot(i + 1);
      put(lane.title, 'soft', box.x, box.y - 22);
      nameLines(lane.edges, i + 1);
    });
    if (data.voices.length) nameVoices(data.lanes.length + 1);
    nameFlags();
  };

  // Zoom: by wheel, which the library does, by a drag, by keys and by a button.
  const zoom = (from, to) => {
    const length = within(to - from, (data.to - data.from) / 5000, data.to - data.from);
    const start = within(from, data.from, data.to - length);
    chart.dispatchAction({ type: 'dataZoom', startValue: start, endValue: start + length });
  };
  const all = () => zoom(data.from, data.to);
  const zoomed = () => {
    const z = chart.getOption().dataZoom[0];
    range = [z.startValue, z.endValue];
    const values = ticks();
    chart.setOption({ xAxis: data.option.xAxis.map(() => along({ axisLabel: {}, axisTick: {} }, values)) });
    label();
  };
  const keys = (event) => {
    const length = span();
    const move = (left, right) => () => zoom(range[0] + length * left, range[1] + length * right);
    const act = {
      Escape: all, 0: all, ArrowLeft: move(-0.2, -0.2), ArrowRight: move(0.2, 0.2), '+': move(0.25, -0.25), '=': move(0.25, -0.25), '-': move(-0.5, 0.5),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  // A drag selects: the stretch under it becomes the whole.
  const dragging = () => {
    let begin = null;
    const inside = (event) => within(event.clientX - canvas.getBoundingClientRect().left, plot(0).x, plot(0).x + plot(0).width);
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'mouse' && event.button === 0 && !event.shiftKey) begin = inside(event);
    });
    addEventListener('pointermove', (event) => {
      if (begin === null) return;
      const now = inside(event);
      selection.hidden = Math.abs(now - begin) < 4;
      Object.assign(selection.style, { top: `${plot(0).y}px`, height: `${plot(0).height}px`, left: `${Math.min(now, begin)}px`, width: `${Math.abs(now - begin)}px` });
    });
    addEventListener('pointerup', (event) => {
      if (begin === null) return;
      const ends = [begin, inside(event)].sort((a, b) => a - b);
      begin = null;
      selection.hidden = true;
      if (ends[1] - ends[0] >= 4) zoom(...ends.map((x) => chart.convertFromPixel({ xAxisIndex: 0 }, x)));
    });
  };

  const start = () => {
    holder.hidden = false;
    canvas.style.height = `${data.height}px`;
    chart = echarts.init(canvas, null, { renderer: 'svg' });
    show();
    chart.on('datazoom', zoomed);
    canvas.addEventListener('dblclick', all);
    reset.addEventListener('click', all);
    holder.addEventListener('keydown', keys);
    dragging();
    addEventListener('theme', show);
    new ResizeObserver(() => {
      chart.resize();
      show();
    }).observe(holder);
    root.classList.add('drawn');
  };
  try {
    start();
  } catch (problem) {
    holder.hidden = true;
    hint.hidden = true;
    console.error(problem);
  }
})();
