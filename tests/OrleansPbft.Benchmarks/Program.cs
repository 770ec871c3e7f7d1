using BenchmarkDotNet.Running;
using OrleansPbft.Benchmarks;

// cost [n] [payload]: exact counts, no timing. execution: what executing operations costs one replica.
// journal [folder]: what making votes durable costs on the disk of a folder.
// faults [endpoint] [clients] [failures]: what faults cost a running silo. Anything else goes to BenchmarkDotNet.
if (args is ["cost", .. var rest])
{
    CostReport.Print(rest.Length > 0 ? int.Parse(rest[0]) : 4, rest.Length > 1 ? int.Parse(rest[1]) : 0);
    return 0;
}

if (args is ["execution"])
{
    ExecutionBenchmark.Print();
    return 0;
}

if (args is ["journal", .. var folder])
{
    await JournalReport.PrintAsync(folder.Length > 0 ? folder[0] : Path.GetTempPath());
    return 0;
}

if (args is ["faults", .. var where])
{
    return await FaultReport.RunAsync(
        new(where.Length > 0 ? where[0] : "http://127.0.0.1:5080"),
        clients: where.Length > 1 ? int.Parse(where[1]) : 16,
        failures: where.Length > 2 ? int.Parse(where[2]) : 10);
}

BenchmarkSwitcher.FromAssembly(typeof(NormalCaseBenchmark).Assembly).Run(args);
return 0;
