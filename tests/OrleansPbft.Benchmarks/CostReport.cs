using OrleansPbft.Core;

namespace OrleansPbft.Benchmarks;

/// <summary>Prints what one request costs in messages, bytes, signatures, verifications and allocated bytes, by batch size.</summary>
internal static class CostReport
{
    public static void Print(int replicas, int payload)
    {
        Console.WriteLine($"n = {replicas}, payload {payload} B, mode Signatures; per request, all replicas together, client included:");
        Console.WriteLine("batch  messages     bytes  signatures  verifications  allocated");
        foreach (var batch in new[] { 1, 10, 100, 500 }) Print(replicas, payload, batch);
    }

    private static void Print(int replicas, int payload, int batch)
    {
        using var cluster = new SealedCluster(replicas, batch);
        var rounds = Math.Max(4, 200 / batch);
        var number = 0L;
        var operation = new byte[payload];
        Request[] Next() => [.. Enumerable.Range(0, batch).Select(_ => cluster.Sign(++number, operation))];

        cluster.Run(Next()); // the first is compiled, and grows the buffers
        var executed = cluster.LastExecuted;
        var total = new Counts();
        for (var round = 0; round < rounds; round++)
        {
            var counts = cluster.Run(Next());
            foreach (var (kind, sent) in counts.Sent)
            {
                var (messages, bytes) = total.Sent.GetValueOrDefault(kind);
                total.Sent[kind] = (messages + sent.Messages, bytes + sent.Bytes);
            }

            total.Signatures += counts.Signatures + batch; // the client signs each request
            total.Verifications += counts.Verifications;
            total.Allocated += counts.Allocated;
        }

        var requests = (double)rounds * batch;
        Console.WriteLine(
            $"{batch,5} {total.Messages / requests,9:F2} {total.Bytes / requests,9:F0} {total.Signatures / requests,11:F2} "
            + $"{total.Verifications / requests,14:F2} {total.Allocated / requests,10:F0}   {requests / (cluster.LastExecuted - executed):F1} requests a batch");
    }
}
