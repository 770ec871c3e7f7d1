using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansPbft.Client;
using OrleansPbft.Grains.Recording;

namespace OrleansPbft.Silo.Api;

/// <summary>Tells those who listen what happens, as server-sent events. They are bounded in number, and what one of them is to be told waits nowhere: each looks
/// at the history at its own pace, and one that does not read is dropped.</summary>
internal sealed class EventStreams : IDisposable
{
    // At most so many protocol events are told at a time.
    private const int EventsAtOnceMax = 256;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250); // status and trace at most four times a second
    private static readonly TimeSpan LiveInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CommentInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    private readonly ProtocolHistory _history;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly SharedAnswer _status;
    private readonly SharedAnswer _live;
    private readonly SharedAnswer _trace; // empty while there is none
    private readonly int _most;
    private int _streams;

    public EventStreams(ProtocolHistory history, ClusterStatus status, HttpOptions http, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        _history = history;
        _time = time;
        _stopping = lifetime.ApplicationStopping;
        _most = http.EventStreamsMax;
        _status = new(Interval, time, async () => Encode(await status.ReadAsync(_stopping), StatusJson.Default.StatusDocument));
        _live = new(LiveInterval, time, () => Task.FromResult(Encode(history.Measure(), TraceJson.Default.LiveDocument)));
        _trace = new(Interval, time, () => Task.FromResult(history.FindNewest() is { } newest ? Encode(newest, TraceJson.Default.TraceSummaryDocument) : []));
    }

    /// <summary>Takes a place; false where there is none. Who takes one leaves it.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _streams) <= _most) return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _streams);

    /// <summary>The answer to who finds no place.</summary>
    public IResult Refuse(HttpResponse response)
    {
        response.Headers.RetryAfter = 5.ToString(CultureInfo.InvariantCulture);
        return ProblemMapper.Answer(
            StatusCodes.Status429TooManyRequests,
            "busy",
            $"{_most} listen already, which is what Pbft:Http:EventStreamsMax allows. Close one, or try again after the time in Retry-After.");
    }

    /// <summary>Tells one listener until it goes, does not read, or the silo stops.</summary>
    /// <param name="context">Its request.</param>
    /// <param name="after">The number of the last protocol event that it knows.</param>
    public async Task SendAsync(HttpContext context, long after)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
        var listener = new Listener(after > _history.LastEvent ? 0 : after); // of the silo before this one: all is new
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                await GatherAsync(listener);
                if (listener.Text.WrittenCount > 0) await WriteAsync(context, listener, ending.Token);
            }
            while (await timer.WaitForNextTickAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            // It went, or did not read, or the silo stops: each ends the stream.
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            // It went in the middle of a write.
        }
    }

    public void Dispose()
    {
        _status.Dispose();
        _live.Dispose();
        _trace.Dispose();
    }

    private async Task GatherAsync(Listener listener)
    {
        var now = _time.GetTimestamp();
        var status = await _status.ReadAsync();
        if (!ReferenceEquals(status, listener.Status)) listener.Add("status", listener.Status = status);
        if (Listener.IsDue(ref listener.LiveAt, now, LiveInterval, _time)) listener.Add("live", await _live.ReadAsync());
        foreach (var what in _history.EventsAfter(listener.Last, EventsAtOnceMax))
        {
            listener.Add("protocol", Encode(what, TraceJson.Default.EventDocument), what.Id);
            listener.Last = what.Id;
        }

        var trace = await _trace.ReadAsync();
        if (trace.Length > 0 && !ReferenceEquals(trace, listener.Trace)) listener.Add("trace", listener.Trace = trace);

        if (listener.Text.WrittenCount > 0) listener.ToldAt = now;
        else if (Listener.IsDue(ref listener.ToldAt, now, CommentInterval, _time)) listener.Text.Write(": here\n\n"u8);
    }

    private static async Task WriteAsync(HttpContext context, Listener listener, CancellationToken ending)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ending);
        patience.CancelAfter(WriteTimeout);
        try
        {
            await context.Response.Body.WriteAsync(listener.Text.WrittenMemory, patience.Token);
            await context.Response.Body.FlushAsync(patience.Token);
            listener.Text.ResetWrittenCount();
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            context.Abort(); // it does not read
            throw;
        }
    }

    private static byte[] Encode<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(document, type);

    /// <summary>What one listener was told.</summary>
    private sealed class Listener(long last)
    {
        public long Last { get; set; } = last;

        public byte[]? Status { get; set; }

        public byte[]? Trace { get; set; }

        public long LiveAt;

        public long ToldAt;

        public ArrayBufferWriter<byte> Text { get; } = new();

        public static bool IsDue(ref long at, long now, TimeSpan interval, TimeProvider time)
        {
            if (at != 0 && time.GetElapsedTime(at, now) < interval) return false;
            at = now;
            return true;
        }

        /// <summary>Adds an event. Its JSON has no line ends.</summary>
        public void Add(string name, byte[] json, long? id = null)
        {
            Encoding.UTF8.GetBytes($"event: {name}\n", Text);
            if (id is { } number) Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {number}\n"), Text);
            Text.Write("data: "u8);
            Text.Write(json);
            Text.Write("\n\n"u8);
        }
    }
}
