using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>One client of a benchmark: a closed loop, the next request begins when the one before is answered.</summary>
internal sealed class BenchClient(IPbftClient client, OperationSource source, TimeProvider time)
{
    /// <summary>So many failures in a row end the loop: the cluster is gone.</summary>
    public const int FailuresInARowMax = 20;

    /// <summary>Sends one request and forgets how it went but for its failure: connects, opens the session.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => AskAsync(source.Next(), cancellationToken);

    /// <summary>Sends requests as long as the gate is open.</summary>
    public async Task RunAsync(BenchGate gate, BenchTally tally, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (failures < FailuresInARowMax && !cancellationToken.IsCancellationRequested && gate.TryEnter())
        {
            var bundle = source.Next();
            var began = time.GetTimestamp();
            try
            {
                var outcome = await SubmitAsync(bundle, gate, tally, cancellationToken);
                if (source.IsQuery) tally.OnQuery(outcome.Path);
                tally.OnAnswer(source.ReadsInBundle, bundle.Count - source.ReadsInBundle, time.GetElapsedTime(began));
                Check(outcome, bundle.Count, tally);
                failures = 0;
            }
            catch (PbftException failure)
            {
                tally.OnError(failure.GetType().Name);
                if (++failures == FailuresInARowMax) tally.OnGaveUp(failure.Message);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return; // what was under way is not counted
            }
        }
    }

    private async Task<BundleOutcome> SubmitAsync(IReadOnlyList<ReadOnlyMemory<byte>> bundle, BenchGate gate, BenchTally tally, CancellationToken cancellationToken)
    {
        for (var refusals = 1; ; refusals++)
        {
            try
            {
                return await AskAsync(bundle, cancellationToken);
            }
            catch (PbftBusyException busy) when (refusals < FailuresInARowMax && !gate.IsOver)
            {
                // Its wait is part of the request's time: a busy cluster is a slow one. One that stays busy is an error.
                tally.OnBusy();
                await Task.Delay(busy.RetryAfter, time, cancellationToken);
            }
        }
    }

    private Task<BundleOutcome> AskAsync(IReadOnlyList<ReadOnlyMemory<byte>> bundle, CancellationToken cancellationToken) =>
        source.IsQuery ? client.QueryAsync(bundle, cancellationToken) : client.SubmitAsync(bundle, cancellationToken);

    private void Check(BundleOutcome outcome, int operations, BenchTally tally)
    {
        if (outcome.Results.Length != operations) tally.OnError("WrongNumberOfResults");
        for (var i = 0; i < Math.Min(outcome.Results.Length, operations); i++)
        {
            var result = outcome.Results[i];
            if (result.Status != OperationStatus.Done) tally.OnError(result.Status.ToString());
            else if (!source.Allows(i, KeyValueResult.OutcomeOf(result.Data.Span))) tally.OnError("WrongResult");
        }
    }
}
