'use strict';
(() => {
  const root = document.documentElement;
  const reveal = () => document.querySelectorAll('.script').forEach((e) => { e.hidden = false; });

  // Theme: the system's, unless the reader chose one. Storage may be forbidden.
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem('oomtrace-theme', value);
      return localStorage.getItem('oomtrace-theme');
    } catch { return null; }
  };
  const theme = remembered();
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  let redraw = () => {};
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => redraw());
  document.getElementById('theme').addEventListener('click', () => {
    const now = root.dataset.theme || (dark.matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    remembered(root.dataset.theme);
    redraw();
  });

  // The summary on the clipboard; a page opened from disk may have no clipboard of its own.
  const copy = document.getElementById('copy');
  copy.addEventListener('click', async () => {
    const box = document.getElementById('summary');
    let done = true;
    try {
      await navigator.clipboard.writeText(box.value);
    } catch {
      box.hidden = false;
      box.select();
      done = document.execCommand('copy');
      box.hidden = true;
    }
    copy.textContent = done ? 'Copied' : 'Not copied';
    setTimeout(() => { copy.textContent = 'Copy summary'; }, 2000);
  });

  // A link into a closed part opens it; paper shows all parts.
  const open = () => {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    const closed = target && target.closest('details:not([open])');
    if (closed) {
      closed.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', open);
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    opened.forEach((e) => { e.open = true; });
  });
  addEventListener('afterprint', () => opened.forEach((e) => { e.open = false; }));

  // The chart takes the place of the drawing. Whatever fails here leaves the drawing where it is.
  const holder = document.getElementById('chart');
  const draw = () => {
    const data = JSON.parse(document.getElementById('data').textContent);
    const canvas = document.getElementById('canvas');
    const names = document.getElementById('names');
    const reset = document.getElementById('reset');
    const columns = { x: 0, live: 1, band: 2, goal: 3, pause: 4, cycle: 5, line: 6 };
    const rows = data.option.dataset[0] ? data.option.dataset[0].source : data.option.dataset.source;

    const pad = (n, width) => String(n).padStart(width, '0');
    const KiB = 1024, MiB = 1048576, GiB = 1073741824, TiB = 1099511627776;
    const trimmed = (n) => String(Math.round(n * 1e6) / 1e6);
    // Sizes as the report prints them, and as its axes do.
    const size = (bytes) => {
      if (bytes >= TiB) return `${(bytes / TiB).toFixed(2)} TiB`;
      if (bytes >= GiB) return `${(bytes / GiB).toFixed(2)} GiB`;
      if (bytes >= 10 * MiB) return `${(bytes / MiB).toFixed(0)} MiB`;
      if (bytes >= MiB) return `${(bytes / MiB).toFixed(1).replace(/\.0$/, '')} MiB`;
      return bytes >= KiB ? `${(bytes / KiB).toFixed(0)} KiB` : `${bytes} B`;
    };
    const tick = (bytes) => {
      for (const [unit, name] of [[TiB, 'TiB'], [GiB, 'GiB'], [MiB, 'MiB'], [KiB, 'KiB'], [1, 'B']]) {
        if (bytes >= unit) return `${trimmed(bytes / unit)} ${name}`;
      }
      return '0';
    };
    const pause = (s) => {
      const ms = s * 1000;
      if (ms >= 10000) return `${s.toFixed(0)} s`;
      if (ms >= 1000) return `${s.toFixed(1)} s`;
      return ms >= 10 ? `${ms.toFixed(0)} ms` : ms >= 1 ? `${ms.toFixed(1)} ms` : `${Number(ms.toPrecision(2))} ms`;
    };
    const printed = {
      bytes: { axis: tick, value: size },
      shares: { axis: (v) => (v ? `${trimmed(100 * v)} %` : '0'), value: (v) => `${Math.round(100 * v)} %` },
      seconds: { axis: (v) => (v ? pause(v) : '0'), value: pause },
      count: { axis: (v) => v.toLocaleString('en'), value: (v) => v.toLocaleString('en') },
    };
    const clock = (ms, span) => {
      const d = new Date(ms);
      const hm = `${pad(d.getUTCHours(), 2)}:${pad(d.getUTCMinutes(), 2)}`;
      if (span > 2 * 86400e3) return `${d.getUTCDate()} ${'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[d.getUTCMonth()]} ${hm}`;
      if (span > 600e3) return hm;
      const seconds = `${hm}:${pad(d.getUTCSeconds(), 2)}`;
      return span > 10e3 ? seconds : `${seconds}.${pad(d.getUTCMilliseconds(), 3)}`;
    };
    const length = (ms, span) => {
      if (span <= 10e3) return `${(ms / 1000).toFixed(2)} s`;
      const s = Math.round(ms / 1000);
      if (span <= 120e3) return `${s} s`;
      const hours = Math.floor(s / 3600);
      const rest = `${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)}`;
      return hours ? `${hours}:${rest}` : rest;
    };
    // Round steps in milliseconds; the library's own are round for calendar times only.
    const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3,
      1800e3, 3600e3, 7200e3, 10800e3, 21600e3, 43200e3, 86400e3, 172800e3, 604800e3];
    const ticks = (from, to, n) => {
      const want = (to - from) / n;
      const step = steps.find((s) => s >= want) || Math.ceil(want / 604800e3) * 604800e3;
      const out = [];
      for (let k = Math.ceil(from / step); k * step <= to; k++) out.push(k * step);
      return [out, step];
    };
    const cycleAt = (x) => {
      const row = rows.find((r) => r[columns.live] !== null && r[columns.x] >= x);
      return row ? row[columns.cycle] : '';
    };
    const moment = (x, span) => {
      switch (data.axis) {
        case 'wall': return clock(x, span);
        case 't-minus': return x === 0 ? 'T−0' : `T${x > 0 ? '+' : '−'}${length(Math.abs(x), span)}`;
        case 'cycles': return `${data.number} ${cycleAt(x)}`;
      }
      return length(x, span);
    };
    const words = (ms) => {
      const s = Math.round(ms / 1000);
      if (s < 60) return `${s < 10 ? (ms / 1000).toFixed(1) : s} s`;
      if (s < 3600) return `${Math.floor(s / 60)} min ${pad(s % 60, 2)} s`;
      return `${Math.floor(s / 3600)} h ${pad(Math.floor(s / 60) % 60, 2)} min`;
    };

    // The heap's row nearest to a moment, and the value that a lane has at it.
    const nearest = (x) => {
      let best = null;
      for (const r of rows) {
        if (r[columns.live] !== null && (!best || Math.abs(r[columns.x] - x) < Math.abs(best[columns.x] - x))) best = r;
      }
      return best;
    };
    const valueAt = (points, x) => {
      let value = null;
      for (const p of points) {
        if (p[0] > x) break;
        value = p[1];
      }
      return value;
    };

    // What was said within a few pixels of a moment, and the life that it falls into.
    const heard = (x) => {
      const close = (range[1] - range[0]) * 6 / Math.max(canvas.clientWidth - 214, 100);
      const near = (m) => (m.life ? m.x <= x && x <= m.to : Math.abs(m.x - x) <= close);
      return data.voices.flatMap((voice) => voice.marks.filter(near).map((mark) => [voice, mark])).slice(0, 8);
    };

    // Numbers and words of this file only: what a formatter returns is not escaped.
    const tip = (items) => {
      const list = Array.isArray(items) ? items : [items];
      const row = list.length ? nearest(list[0].axisValue) : null;
      if (!row) return '';
      const x = row[columns.x];
      const out = [`<b>${data.axis === 'cycles' ? '' : `${moment(x, fine)} · `}${data.number} ${Number(row[columns.cycle])}</b>`];
      out.push(`${data.level} ${size(row[columns.live])}`);
      if (row[columns.band] > 0) out.push(`peak ${size(row[columns.live] + row[columns.band])}`);
      if (row[columns.goal] !== null) out.push(`goal ${size(row[columns.goal])}`);
      if (row[columns.pause] !== null) out.push(`pause ${pause(row[columns.pause])}`);
      for (const lane of data.lanes) {
        const value = valueAt(lane.data, x);
        if (value !== null) out.push(`${lane.word} ${printed[lane.of].value(value)}`);
      }
      out.push(`line ${Number(row[columns.line])}`);
      for (const [voice, mark] of heard(list[0].axisValue)) out.push(`<b>${voice.title}: ${mark.word}</b>, ${moment(mark.x, fine)}, line ${Number(mark.line)}`);
      if (data.axis !== 'cycles' && x < data.end) out.push(`${words(data.end - x)} before ${data.endWord === 'the kill' ? 'the kill' : 'the end'}`);
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
    const colour = (name) => coloured(`var(--${name})`);

    holder.hidden = false;
    const last = data.option.grid[data.option.grid.length - 1];
    canvas.style.height = `${Number(last.top) + Number(last.height) + 34}px`;
    const chart = echarts.init(canvas, null, { renderer: 'svg' });
    let range = [data.from, data.to];
    const fine = data.to - data.from <= 120e3 ? 10e3 : 300e3; // precision of the marks
    const whole = () => range[0] <= data.from && range[1] >= data.to;
    const narrow = () => holder.clientWidth < 700;

    // All but the numbers of collections have ticks of their own, and no more digits than these need.
    const counted = data.axis !== 'cycles';
    let step = 0;
    const tickText = (x) => {
      const span = range[1] - range[0];
      if (data.axis === 'cycles') return String(cycleAt(x));
      if (data.axis !== 'wall' && x !== 0 && span <= 120e3) return `${data.axis === 'process' ? '' : x > 0 ? 'T+' : 'T−'}${trimmed(Math.abs(x) / 1000)} s`;
      return moment(x, Math.max(span, step >= 60e3 ? 601e3 : step >= 1e3 ? 11e3 : 0));
    };
    const place = (axes) => {
      if (!counted) return;
      const [values, apart] = ticks(range[0], range[1], narrow() ? 4 : 7);
      step = apart;
      for (const axis of axes) {
        axis.axisLabel.customValues = values;
        axis.axisTick.customValues = values;
      }
    };

    const show = () => {
      const option = coloured(data.option);
      const margin = narrow() ? 12 : 150;
      option.grid.forEach((g) => { g.left = 64; g.right = margin; g.top = Number(g.top); g.height = Number(g.height); g.outerBoundsMode = 'none'; });
      option.xAxis.forEach((axis) => {
        axis.axisLabel.formatter = tickText;
        axis.axisLabel.hideOverlap = true;
        axis.splitNumber = narrow() ? 4 : 7;
      });
      place(option.xAxis);
      // The upper edge of a plot has a label only where a tick stands.
      const stepped = (axis, text) => { axis.axisLabel.formatter = (v) => (axis.interval && v % axis.interval > axis.interval / 1e6 ? '' : text(v)); };
      stepped(option.yAxis[0], tick);
      data.lanes.forEach((lane, i) => stepped(option.yAxis[i + 1], printed[lane.of].axis));
      option.axisPointer = { link: [{ xAxisIndex: 'all' }], lineStyle: { color: colour('soft') } };
      Object.assign(option.tooltip, {
        formatter: tip, confine: true, backgroundColor: colour('bg'), borderColor: colour('rule'), padding: [7, 11],
        textStyle: { color: colour('fg'), fontSize: 12.5, fontFamily: getComputedStyle(document.body).fontFamily },
      });
      option.series.forEach((s) => {
        s.silent = true;
        s.emphasis = { disabled: true };
        for (const mark of ['markLine', 'markArea', 'markPoint']) if (s[mark]) s[mark].silent = true;
        if (s.name === 'base' || s.name === 'band') s.z = 1;
      });
      chart.setOption(option, true);
      chart.dispatchAction({ type: 'dataZoom', startValue: range[0], endValue: range[1] });
      label();
    };

    // Names of lines and marks, placed so that none covers another; those that find no room are left out.
    const put = (text, css, x, y, side) => {
      const span = document.createElement('span');
      span.className = css.split(' ').map((c) => `is-${c}`).join(' ');
      span.textContent = text;
      span.style.left = `${x}px`;
      span.style.top = `${y}px`;
      if (side) span.style.transform = `translateX(-${side}%)`;
      names.append(span);
      return span;
    };
    // Names of the witnesses and of what they said, where there is room: inside a life, to the right of a mark, or to its left.
    const speak = (box, x) => {
      put('what the logs tell, and when', 'soft', box.x, box.y - 22);
      const height = box.height / data.voices.length;
      data.voices.forEach((voice, i) => {
        const top = box.y + height * i + height / 2 - 9;
        const title = put(voice.title, 'soft', box.x - 8, top, 100);
        title.style.fontSize = `${12 * Math.min(1, (box.x - 8) / title.offsetWidth)}px`;
        const shown = voice.marks.filter((m) => m.to >= range[0] && m.x <= range[1]);
        const taken = shown.filter((m) => !m.life).map((m) => [x(m.x) - 7, x(m.x) + 7]);
        for (const m of shown) {
          const span = put(m.word, m.hot ? 'alarm strong' : 'muted', 0, top);
          const width = span.offsetWidth;
          const from = Math.max(x(m.x), box.x), to = Math.min(x(m.to), box.x + box.width);
          const spots = m.life ? (width + 6 <= to - from ? [(from + to - width) / 2] : []) : [x(m.x) + 9, x(m.x) - 9 - width];
          const spot = spots.find((s) => s >= box.x && s + width <= holder.clientWidth && taken.every(([a, b]) => s >= b || s + width + 4 <= a));
          if (spot === undefined) { span.remove(); continue; }
          span.style.left = `${spot}px`;
          taken.push([spot, spot + width + 4]);
        }
      });
    };
    const label = () => {
      names.textContent = '';
      reset.hidden = whole();
      const plot = (i) => chart.getModel().getComponent('grid', i).coordinateSystem.getRect();
      const grid = plot(0);
      const x = (at) => chart.convertToPixel({ xAxisIndex: 0 }, at);
      const edges = (list, index, box) => {
        const y = (v) => chart.convertToPixel({ yAxisIndex: index }, v);
        const taken = [];
        for (const e of list) {
          if (e.full && (narrow() || !whole())) continue;
          if (narrow()) {
            put(e.text, e.class, box.x + 5, y(e.y) + 1);
            continue;
          }
          const want = Math.min(Math.max(y(e.y), box.y), box.y + box.height);
          for (let shift = 0; shift <= 28; shift++) {
            const spot = [want + shift, want - shift].find((v) => v >= box.y && v <= box.y + box.height && taken.every((t) => Math.abs(t - v) >= 14));
            if (spot === undefined) continue;
            taken.push(spot);
            put(e.text, e.class, box.x + box.width + 9, spot - 9);
            break;
          }
        }
      };
      edges(data.edges, 0, grid);
      data.lanes.forEach((lane, i) => {
        const box = plot(i + 1);
        put(lane.title, 'soft', box.x, box.y - 22);
        edges([{ y: lane.last, text: lane.most + printed[lane.of].value(lane.last), class: lane.class, full: true }, ...lane.edges], i + 1, box);
      });
      if (data.voices.length) speak(plot(data.lanes.length + 1), x);
      const placed = [];
      const visible = data.flags.filter((f) => f.x >= range[0] && f.x <= range[1]);
      const rightmost = Math.max(...visible.map((f) => f.x));
      for (const f of visible) {
        const at = x(f.x);
        const span = put('', f.class, at, 0);
        span.append(f.text, document.createElement('br'), f.when && !(narrow() && data.axis === 'wall' && data.to - data.from > 600e3) ? f.when : moment(f.x, data.to - data.from > 600e3 ? 1200e3 : fine));
        const width = span.offsetWidth;
        const sides = f.x === rightmost ? [0, 50, 100] : f.class.includes('alarm') ? [100, 50, 0] : [50, 100, 0];
        const spot = [0, 1].flatMap((row) => sides.map((side) => ({ row, side, from: at - width * side / 100, to: at + width * (1 - side / 100) })))
          .find((s) => s.from >= 30 && s.to <= holder.clientWidth && placed.every((p) => p.row !== s.row || s.from > p.to + 7 || s.to < p.from - 7));
        if (!spot) { span.remove(); continue; }
        placed.push(spot);
        span.style.top = `${grid.y - 42 - 33 * spot.row}px`;
        span.style.transform = `translateX(-${spot.side}%)`;
        span.style.textAlign = ['left', 'center', 'right'][spot.side / 50];
      }
      if (whole()) holder.style.marginTop = placed.some((p) => p.row > 0) ? '0' : '-33px';
    };

    const zoom = (from, to) => {
      const length = Math.min(Math.max(to - from, (data.to - data.from) / 5000), data.to - data.from);
      from = Math.min(Math.max(from, data.from), data.to - length);
      chart.dispatchAction({ type: 'dataZoom', startValue: from, endValue: from + length });
    };
    chart.on('datazoom', () => {
      const z = chart.getOption().dataZoom[0];
      range = [z.startValue, z.endValue];
      if (counted) {
        const axes = data.option.xAxis.map(() => ({ axisLabel: {}, axisTick: {} }));
        place(axes);
        chart.setOption({ xAxis: axes });
      }
      label();
    });

    // A drag selects: the stretch under it becomes the whole.
    const selection = document.getElementById('selection');
    let begin = null;
    const inside = (event) => {
      const box = canvas.getBoundingClientRect();
      const grid = chart.getModel().getComponent('grid', 0).coordinateSystem.getRect();
      return Math.min(Math.max(event.clientX - box.left, grid.x), grid.x + grid.width);
    };
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'mouse' || event.button !== 0 || event.shiftKey) return;
      begin = inside(event);
    });
    addEventListener('pointermove', (event) => {
      if (begin === null) return;
      const now = inside(event);
      selection.hidden = Math.abs(now - begin) < 4;
      selection.style.left = `${Math.min(now, begin)}px`;
      selection.style.width = `${Math.abs(now - begin)}px`;
    });
    addEventListener('pointerup', (event) => {
      if (begin === null) return;
      const ends = [begin, inside(event)].sort((a, b) => a - b);
      begin = null;
      selection.hidden = true;
      if (ends[1] - ends[0] >= 4) zoom(...ends.map((x) => chart.convertFromPixel({ xAxisIndex: 0 }, x)));
    });
    const all = () => zoom(data.from, data.to);
    canvas.addEventListener('dblclick', all);
    reset.addEventListener('click', all);
    holder.addEventListener('keydown', (event) => {
      const length = range[1] - range[0];
      const act = {
        Escape: all,
        0: all,
        ArrowLeft: () => zoom(range[0] - length / 5, range[1] - length / 5),
        ArrowRight: () => zoom(range[0] + length / 5, range[1] + length / 5),
        '+': () => zoom(range[0] + length / 4, range[1] - length / 4),
        '=': () => zoom(range[0] + length / 4, range[1] - length / 4),
        '-': () => zoom(range[0] - length / 2, range[1] + length / 2),
      }[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });

    redraw = show;
    show();
    new ResizeObserver(() => {
      chart.resize();
      show();
    }).observe(holder);
    root.classList.add('drawn');
  };

  reveal();
  open();
  if (holder) {
    try {
      draw();
    } catch (problem) {
      root.classList.remove('drawn');
      redraw = () => {};
      holder.hidden = true;
      document.getElementById('hint').hidden = true;
      console.error(problem);
    }
  }
})();
