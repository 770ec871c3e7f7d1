using OrleansPbft.Client;
using OrleansPbft.Core;

namespace OrleansPbft.ClientConsole.Bench;

/// <summary>One client of an open loop: its requests begin when they are to, however many are still unanswered.</summary>
/// <remarks>A request's time runs from the moment at which it was to begin, so that a cluster that makes it wait, or this program when it is late, does not
/// look faster than it is (no coordinated omission).</remarks>
internal sealed class OpenLoopClient(IPbftClient client, OperationSource source, BenchTally tally, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<Task> _underWay = [];

    /// <summary>How many requests began.</summary>
    public long Offered { get; private set; }

    /// <summary>How many were answered before the end of the loop.</summary>
    public long Accepted { get; private set; } // gate

    /// <summary>Begins a request every <paramref name="interval"/>, the first after <paramref name="first"/>, for <paramref name="duration"/>; then waits for none.</summary>
    public async Task OfferAsync(TimeSpan first, TimeSpan interval, TimeSpan duration, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var due = first; due < duration; due += interval)
        {
            var wait = due - time.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await Task.Delay(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, time, cancellationToken);
            Offered++;
            _underWay.Add(AskAsync(began, due, cancellationToken));
            if (_underWay.Count >= 256) _underWay.RemoveAll(static task => task.IsCompleted);
        }

        var rest = duration - time.GetElapsedTime(began);
        if (rest > TimeSpan.Zero) await Task.Delay(rest, time, cancellationToken);
        lock (_gate) Accepted = tally.Requests;
    }

    /// <summary>Waits until everything that began is answered, refused or given up.</summary>
    public Task WaitAsync() => Task.WhenAll(_underWay);

    private async Task AskAsync(long began, TimeSpan due, CancellationToken cancellationToken)
    {
        var bundle = source.Next();
        var operations = bundle.Count;
        try
        {
            var outcome = await client.SubmitAsync(bundle, cancellationToken);
            lock (_gate)
            {
                tally.OnAnswer(0, operations, time.GetElapsedTime(began) - due);
                if (outcome.Results.Length != operations || outcome.Results.Any(static result => result.Status != OperationStatus.Done)) tally.OnError("WrongResult");
            }
        }
        catch (PbftBusyException)
        {
            lock (_gate) tally.OnBusy();
        }
        catch (PbftException failure)
        {
            lock (_gate) tally.OnError(failure.GetType().Name);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped: what was under way is not counted.
        }
    }
}
