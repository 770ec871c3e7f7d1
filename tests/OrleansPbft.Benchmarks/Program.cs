using BenchmarkDotNet.Running;
using OrleansPbft.Benchmarks;

// cost [n] [payload]: exact counts, no timing. execution: what executing operations costs one replica. Anything else goes to BenchmarkDotNet.
if (args is ["cost", .. var rest])
{
    CostReport.Print(rest.Length > 0 ? int.Parse(rest[0]) : 4, rest.Length > 1 ? int.Parse(rest[1]) : 0);
    return;
}

if (args is ["execution"])
{
    ExecutionBenchmark.Print();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(NormalCaseBenchmark).Assembly).Run(args);
