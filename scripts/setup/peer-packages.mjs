/*
 * Which of Debian's packages the peers are, by path in its pool and hash. Bookworm's for Prometheus and for what is Python, sid's
 * for docker's.
 */

/** @typedef {{ path: string, sha256: string }} Deb */

/** @param {string} path below pool/main @param {string} sha256 @returns {Deb} */
const deb = (path, sha256) => ({ path: `pool/main/${path}`, sha256 });

/** @type {Record<'compose' | 'docker' | 'buildx' | 'prometheus', Record<string, Deb>>} */
const programs = {
  compose: {
    x64: deb(
      'd/docker-compose/docker-compose_2.40.3-3_amd64.deb',
      'e7603d5e6df0f8404f7b03da478022b87d7b50644cffe68884b071e5cfc17fd3',
    ),
    arm64: deb(
      'd/docker-compose/docker-compose_2.40.3-3_arm64.deb',
      'a7c33f38d80c4fad61d426fd47e0b7f1e81ad4a643e4e4cee3401e6f8638d359',
    ),
  },
  docker: {
    x64: deb(
      'd/docker.io/docker-cli_28.5.2+dfsg4-5_amd64.deb',
      '8ea2428acdda666f41263f5a0d3a85681a696491361574eb7bd721a1194939b9',
    ),
    arm64: deb(
      'd/docker.io/docker-cli_28.5.2+dfsg4-5_arm64.deb',
      '0d8ca54ff94caf1df61df03320c3fda2254841651a223f8d272c905f84ae3205',
    ),
  },
  buildx: {
    x64: deb(
      'd/docker-buildx/docker-buildx_0.29.1+ds1-4_amd64.deb',
      '6103bcc4eab8169ae679f806d3949ffc99a1545a61fddea6124da826f115f2bf',
    ),
    arm64: deb(
      'd/docker-buildx/docker-buildx_0.29.1+ds1-4_arm64.deb',
      '4d6b995fdfd10e2f045d020b108abb33df699cf66f213c1acf97a8d893b74bc4',
    ),
  },
  prometheus: {
    x64: deb(
      'p/prometheus/prometheus_2.42.0+ds-5+deb12u1_amd64.deb',
      '81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55',
    ),
    arm64: deb(
      'p/prometheus/prometheus_2.42.0+ds-5+deb12u1_arm64.deb',
      'ca131aa102390083398afbc80be9c8dd1dda78f9f92154fc00df8f7f1f4556e9',
    ),
  },
};

/** docker-compose 1.29.2 and the Python packages that it imports. */
const python = [
  deb(
    'd/docker-compose/docker-compose_1.29.2-3_all.deb',
    '440943efa28c1fa6c785c61de98413dcf6ba9052e712199f1b0be7a08d4b4963',
  ),
  deb(
    'p/python-attrs/python3-attr_22.2.0-1_all.deb',
    '6a12ea96a8a909445a982975279f96d7b9a1ff96c912efff39abc8d92372694a',
  ),
  deb(
    'c/cached-property/python3-cached-property_1.5.2-1_all.deb',
    '6a1c046afa1d29570ae863bc1cf8ef207cba4c25977a879a4626757ae48e88af',
  ),
  deb(
    'p/python-certifi/python3-certifi_2022.9.24-1_all.deb',
    '121abb6d0af69b57ce7202be38b2db9150e5d627bbaab6c17fe10650d2ced4fc',
  ),
  deb(
    'c/chardet/python3-chardet_5.1.0+dfsg-2_all.deb',
    '271227b4ca709db673d8bff58b64f4a590ab17b50a9616d49aacc459bbd05f85',
  ),
  deb(
    'p/python-charset-normalizer/python3-charset-normalizer_3.0.1-2_all.deb',
    'f547a25ac5349111ef4ea0c54654cf72fed48193eaf1c658f9309aff3715cd38',
  ),
  deb(
    'p/python-distro/python3-distro_1.8.0-1_all.deb',
    '764ead4bd7ab1db72c9c670e0c6ac19c21f31c289b745d91a8a7a43e9901adf6',
  ),
  deb(
    'p/python-docker/python3-docker_5.0.3-1_all.deb',
    '1870464a9429f2fd3b4edc47c0292de7b39872675e9865363d01f43ff7d72c0c',
  ),
  deb(
    'd/dockerpty/python3-dockerpty_0.4.1-4_all.deb',
    '7e234b4a3af5e6e622babf2b74b2ae3d617ac2117782cdc03c02a56a36632297',
  ),
  deb('d/docopt/python3-docopt_0.6.2-4.1_all.deb', 'dd8bfc7bdf1902c994eb5ccfe8b23e994ee678005c03868ee5871b6bb34a636c'),
  deb(
    'p/python-dotenv/python3-dotenv_0.21.0-1_all.deb',
    '2eaee606ea70cdecc51f5ab9e3f9fd567f9df37c4c85d38aab8377a22b3eee3c',
  ),
  deb(
    'p/python-idna/python3-idna_3.3-1+deb12u1_all.deb',
    '0bf81fb1906d3aa607482d09aa3bcbab5c263242b1fd1d93be39658fa783af1a',
  ),
  deb(
    'p/python-jsonschema/python3-jsonschema_4.10.3-1_all.deb',
    'b972212ff557ba07138b4aa7b7e2eb227260eb3fe3fac8e699a0e4b006b0ebc3',
  ),
  deb(
    'r/requests/python3-requests_2.28.1+dfsg-1_all.deb',
    'c75b5c05d8d4a813bd83c3d432ffe65a2ca13e771bc91d4b9787690097598603',
  ),
  deb('s/six/python3-six_1.16.0-4_all.deb', 'fd189e9cecbcf17a1fc20aec30055c8afa9c1eec00cd6e7ab385087a2ab3b0d3'),
  deb(
    't/texttable/python3-texttable_1.6.7-1_all.deb',
    'e7c27ff901a6551fd337d888f9ef3d5bed1e2110c319f4c15c9fe8682d40c65c',
  ),
  deb(
    'p/python-urllib3/python3-urllib3_1.26.12-1+deb12u4_all.deb',
    '9dd6fef10317e437f2195cb5ea8b38d8e39e02106c5fda7b16d58b4bb9a85886',
  ),
  deb(
    'w/websocket-client/python3-websocket_1.2.3-1_all.deb',
    '18ecef178ef54685305fffd03c9d7fca2d73451bd51e0f93921e4006099a0c7d',
  ),
  deb(
    'p/python3-stdlib-extensions/python3-distutils_3.11.2-3_all.deb',
    'a620b555f301860a08e30534c7e6f7d79818e5e1977bfec39a612e7003074318',
  ),
];

/** Those of them that are compiled. @type {Record<string, readonly Deb[]>} */
const compiled = {
  x64: [
    deb(
      'p/pyrsistent/python3-pyrsistent_0.18.1-1+b3_amd64.deb',
      'da9ab57e7889af9d077bbcf50fd7f3f29beb6e8f29b2d828324e971d34d463b3',
    ),
    deb('p/pyyaml/python3-yaml_6.0-3+b2_amd64.deb', '8d0db0b3099298fe039b94e4c52a6987798a90d23b80de3ac13c3cb75cf622a2'),
  ],
  arm64: [
    deb(
      'p/pyrsistent/python3-pyrsistent_0.18.1-1+b3_arm64.deb',
      '654adb7b72ea7d371b1819d590a25316eda4dd2a6465ca60b25f0f85a3c141ba',
    ),
    deb('p/pyyaml/python3-yaml_6.0-3+b2_arm64.deb', 'b0d8bcbee620e4796025165e21d123cc46e42f1385623c3d09cce06fe982d975'),
  ],
};

/**
 * @param {import('./peers.mjs').PeerName} name
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 * @returns {readonly Deb[] | undefined} what has to be unpacked over each other; undefined where there is nothing for it
 */
export function debsOf(name, platform, arch) {
  if (platform !== 'linux') return undefined;
  if (name !== 'compose1') return programs[name][arch] && [programs[name][arch]];
  return compiled[arch] && [...python, ...compiled[arch]];
}
