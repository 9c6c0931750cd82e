// Ten minutes after its start, Azurite looks for data that nothing refers to. It responds to no request until it's done, which can take minutes.
require("azurite/dist/src/blob/utils/constants").DEFAULT_GC_INTERVAL_MS = 2 ** 31 - 1;
