// Writes echarts.min.js.gz, its checksum and the licence texts. Run it with "go generate ./report/html".
// The same lock file gives the same bytes; the checksum is that of the script before compression. With --check it writes
// nothing and fails where the files are not what it would write.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import resolve from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import { rollup } from 'rollup';

const text = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim() + '\n';
const licences = {
  'echarts-LICENSE': text('node_modules/echarts/LICENSE'),
  'echarts-NOTICE': text('node_modules/echarts/NOTICE'),
  'zrender-LICENSE': text('node_modules/zrender/LICENSE'),
  'd3-LICENSE': text('node_modules/echarts/licenses/LICENSE-d3'),
  'tslib-LICENSE': text('node_modules/tslib/LICENSE.txt'),
};

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const head = `/*!
Apache ECharts ${version('echarts')}, the parts that a line chart needs. Apache-2.0, see http://www.apache.org/licenses/LICENSE-2.0

${licences['echarts-NOTICE']}
It contains zrender ${version('zrender')}, parts of d3, and helpers of tslib ${version('tslib')} (0BSD, Copyright (c) Microsoft Corporation).

zrender
${licences['zrender-LICENSE']}
d3
${licences['d3-LICENSE']}*/
`;

const bundle = await rollup({
  input: 'entry.js',
  plugins: [
    replace({ preventAssignment: true, values: { 'process.env.NODE_ENV': '"production"' } }),
    resolve(),
    terser({ ecma: 2018, compress: { passes: 3 }, format: { comments: false, ascii_only: true } }),
  ],
});
const { output } = await bundle.generate({ format: 'iife', name: 'echarts' });
const script = head + output[0].code;

const checksum = createHash('sha256').update(script).digest('hex') + '  echarts.min.js\n';
if (process.argv.includes('--check')) {
  const stale = Object.entries({ ...Object.fromEntries(Object.entries(licences).map(([name, content]) => [`LICENSES/${name}`, content])), 'echarts.min.js.sha256': checksum })
    .filter(([path, content]) => readFileSync(path, 'utf8') !== content).map(([path]) => path);
  if (stale.length) {
    console.error(`not what this build makes: ${stale.join(', ')}`);
    process.exit(1);
  }
  process.exit(0);
}
for (const [name, content] of Object.entries(licences)) {
  writeFileSync(`LICENSES/${name}`, content);
}
writeFileSync('echarts.min.js.gz', gzipSync(script, { level: 9 }));
writeFileSync('echarts.min.js.sha256', checksum);
