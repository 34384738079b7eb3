import Testing

@Suite struct PlaceholderChildProcesses {}
