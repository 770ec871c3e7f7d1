using System.Diagnostics;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Costs;

namespace OrleansPbft.Benchmarks;

/// <summary>Prints what one request costs in either mode of authentication: envelopes, bytes, signatures, verifications, MACs, allocated bytes and time.</summary>
internal static class CostReport
{
    public static void Print(int replicas, int payload)
    {
        Console.WriteLine($"n = {replicas}, payload {payload} B; per request, all replicas together, client included, replies not opened:");
        Console.WriteLine("mode        batch envelopes     bytes  signatures  verifications      MACs  allocated        us   requests a batch");
        foreach (var batch in new[] { 1, 10, 100, 500 })
        {
            var signatures = Measure(AuthenticationMode.Signatures, replicas, payload, batch);
            var macs = Measure(AuthenticationMode.Macs, replicas, payload, batch);
            Print("Signatures", batch, signatures);
            Print("Macs", batch, macs);
            Console.WriteLine(
                $"  ratio           {macs.Envelopes / signatures.Envelopes,9:F2} {macs.Bytes / signatures.Bytes,9:F2} {macs.Signatures / signatures.Signatures,11:F2} "
                + $"{macs.Verifications / signatures.Verifications,14:F2} {"",9} {macs.Allocated / signatures.Allocated,10:F2} {macs.Microseconds / signatures.Microseconds,9:F2}");
        }
    }

    private static void Print(string mode, int batch, Cost cost) => Console.WriteLine(
        $"{mode,-10} {batch,6} {cost.Envelopes,9:F2} {cost.Bytes,9:F0} {cost.Signatures,11:F2} {cost.Verifications,14:F2} {cost.Macs,9:F2} "
        + $"{cost.Allocated,10:F0} {cost.Microseconds,9:F1}   {cost.RequestsABatch:F1}");

    private static Cost Measure(AuthenticationMode authentication, int replicas, int payload, int batch)
    {
        using var cluster = new SealedCluster(replicas, batch, authentication);
        var rounds = Math.Max(20, 2000 / batch);
        var number = 0L;
        var operation = new byte[payload];
        Request[] Next() => [.. Enumerable.Range(0, batch).Select(_ => cluster.Sign(++number, operation))];

        for (var i = 0; i < 3; i++) cluster.Run(Next()); // the first are compiled, and grow the buffers
        var executed = cluster.LastExecuted;
        var sent = default(KindCost);
        var (envelopes, verifications, allocated) = (0L, 0L, 0L);
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < rounds; round++)
        {
            var counts = cluster.Run(Next());
            sent += counts.Sent;
            envelopes += counts.Envelopes;
            verifications += counts.Verifications;
            allocated += counts.Allocated;
        }

        var microseconds = watch.Elapsed.TotalMicroseconds;
        var requests = (double)rounds * batch;
        return new(
            envelopes / requests, sent.Bytes / requests, sent.Signatures / requests, verifications / requests, sent.Macs / requests,
            allocated / requests, microseconds / requests,
            requests / (cluster.LastExecuted - executed));
    }

    private sealed record Cost(
        double Envelopes, double Bytes, double Signatures, double Verifications, double Macs, double Allocated, double Microseconds, double RequestsABatch);
}
