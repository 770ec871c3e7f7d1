using OrleansPbft.Tests;

namespace OrleansPbft.EndToEnd;

/// <summary>Waits for what other processes come to by themselves.</summary>
internal static class Poll
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50); // to ask costs what is asked, too

    /// <summary>Asks until the answer is null; what it was last is told when that takes too long.</summary>
    /// <param name="obstacle">What is not yet so, in words; null when all is.</param>
    /// <param name="limit">How long; <see cref="SafetyNet.Limit"/> when not given.</param>
    public static async Task UntilNoneAsync(Func<Task<string?>> obstacle, TimeSpan? limit = null)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(limit ?? SafetyNet.Limit);
        using var pace = new PeriodicTimer(Pause);
        while (await obstacle() is { } what)
        {
            try
            {
                await pace.WaitForNextTickAsync(late.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited in vain: {what}");
            }
        }
    }
}
