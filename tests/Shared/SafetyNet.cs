namespace OrleansPbft.Tests;

/// <summary>Nothing a test waits for takes long; what never comes fails the test instead of stopping the run.</summary>
internal static class SafetyNet
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task InTime(this Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> InTime<T>(this ValueTask<T> task) => task.AsTask().InTime();
}
