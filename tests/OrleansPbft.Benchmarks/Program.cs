using System.Globalization;
using BenchmarkDotNet.Running;
using OrleansPbft.Benchmarks;
using OrleansPbft.ClientConsole;

// cost [n] [payload]: exact counts, no timing. execution: what executing operations costs one replica.
// journal [folder]: what making votes durable costs on the disk of a folder.
// faults [endpoint] [clients] [failures]: what faults cost a running silo.
// overload [where] [seconds] [pid...]: five times what a running cluster can do, and the memory of its processes.
// flood [where] [clients] [attack or pid...]: what one that floods costs the others. Where: a silo's address, or a client's folder of a federation.
// telemetry [pairs] [seconds] [ratio]: what exporting traces, metrics and logs costs, in alternating runs.
// Anything else goes to BenchmarkDotNet.
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

if (args is ["attack", var victim, var attack]) return await AttackProcess.RunAsync(Find(victim), attack);

if (args is ["overload" or "flood", .. var what])
{
    var address = what.Length > 0 ? what[0] : "http://127.0.0.1:5080";
    var target = Find(address);
    var pids = what.Skip(2).Where(static text => int.TryParse(text, out _)).Select(int.Parse).ToArray();
    var number = what.Length > 1 ? int.Parse(what[1]) : args[0] == "flood" ? 16 : 120;
    return args[0] == "overload"
        ? await OverloadReport.RunAsync(target, pids, TimeSpan.FromSeconds(number))
        : await FloodReport.RunAsync(target, address, number, pids, [.. what.Skip(2).Where(static text => !int.TryParse(text, out _))]);
}

if (args is ["telemetry", .. var how])
{
    return await TelemetryReport.RunAsync(
        pairs: how.Length > 0 ? int.Parse(how[0]) : 5,
        seconds: how.Length > 1 ? double.Parse(how[1], CultureInfo.InvariantCulture) : 10,
        sampleRatio: how.Length > 2 ? double.Parse(how[2], CultureInfo.InvariantCulture) : null);
}

BenchmarkSwitcher.FromAssembly(typeof(NormalCaseBenchmark).Assembly).Run(args);
return 0;

static ClusterTarget Find(string where) => Directory.Exists(where) ? ClusterTarget.Federation(where) : ClusterTarget.Silo(new(where));
