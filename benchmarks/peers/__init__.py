"""Programs of other projects that benchmarks compare with. They run in environments of their own."""
