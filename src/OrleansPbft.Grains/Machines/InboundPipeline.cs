using System.Threading.Channels;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;

namespace OrleansPbft.Grains.Machines;

/// <summary>From received bytes to authenticated inputs, off the grain's turns, in the order in which each origin sent them.</summary>
/// <remarks>
/// Every origin has a lane of its own, bounded in messages and bytes, and the lanes take turns: who floods pushes out nobody but
/// itself (rule N-8). A peer's lane is opened no faster than what a correct peer can have to say, and clients share theirs evenly. The primary's is
/// the exception: what it proposes is signed, and costs more to open than all that the others say of it.
/// The verified inputs wait for the machine in a bounded number too; while they do, nothing more is verified, the lanes fill, and
/// what does not fit is dropped and counted. Lost messages are sent again (VC-9), so none of this waits for a sender.
/// </remarks>
internal sealed class InboundPipeline : IThreadPoolWorkItem
{
    // So many envelopes are opened before others get the thread.
    private const int Quantum = 32;

    // So many opened inputs may wait for the machine.
    private const int OpenedMax = 4096;

    // So long it waits where all that waits is of peers that have had their share.
    private static readonly TimeSpan HoldUp = TimeSpan.FromMilliseconds(5);

    private readonly EnvelopeOpener _opener;
    private readonly HostClock _clock;
    private readonly RejectCounter _rejects;
    private readonly Action<Exception> _onBroken;
    private readonly Action<int, RejectReason>? _onRejected;
    private readonly Lock _gate = new();
    private readonly Lane[] _lanes; // gate
    private readonly Channel<Arrival> _opened = Channel.CreateUnbounded<Arrival>(new() { SingleReader = true });
    private readonly ITimer _later;
    private long _total; // gate; units opened of all lanes
    private int _waiting; // gate; envelopes in all lanes
    private int _turn; // gate
    private bool _scheduled; // gate
    private int _backlog; // opened, and not yet taken by the machine
    private readonly List<Input> _inputs = []; // of the envelope being opened
    private PeerLane? _openedOf; // of the one thread that runs Execute: whose the last envelope was,
    private int _surcharge; // and what it cost beyond one unit
    private volatile int _primary = -1;

    /// <summary>Makes the lanes.</summary>
    /// <param name="lanes">One for each origin, with its bounds.</param>
    /// <param name="opener">Authenticates.</param>
    /// <param name="clock">Says when something came in.</param>
    /// <param name="rejects">Counts what is dropped.</param>
    /// <param name="onBroken">Told when this pipeline's own code failed; it opens nothing more then.</param>
    /// <param name="onRejected">Told the origin and the reason of what is dropped after it was looked at.</param>
    public InboundPipeline(
        ReadOnlySpan<LaneBounds> lanes, EnvelopeOpener opener, HostClock clock, RejectCounter rejects, Action<Exception> onBroken,
        Action<int, RejectReason>? onRejected = null)
    {
        _opener = opener;
        _clock = clock;
        _rejects = rejects;
        _onBroken = onBroken;
        _onRejected = onRejected;
        _lanes = new Lane[lanes.Length];
        for (var i = 0; i < lanes.Length; i++) _lanes[i] = MakeLane(lanes[i], opener.Limits);
        _later = clock.CreateTimer(static pipeline => ((InboundPipeline)pipeline!).Taken(0), this);
    }

    /// <summary>What was opened, in order. One reader at a time, which calls <see cref="Taken"/> for what it has read.</summary>
    public ChannelReader<Arrival> Opened => _opened.Reader;

    /// <summary>The lane that pays nothing for what its envelopes cost: the primary's. Below 0 for none.</summary>
    public int Primary
    {
        set => _primary = value;
    }

    /// <summary>How many envelopes wait to be opened.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many inputs were opened and wait for the machine.</summary>
    public int Backlog => Volatile.Read(ref _backlog);

    /// <summary>Takes an envelope into the lane of its origin; one that has no room there is dropped and counted.</summary>
    public bool TryEnqueue(int lane, in Envelope envelope)
    {
        if ((uint)lane >= (uint)_lanes.Length)
        {
            _rejects.Count(DropReason.UnknownOrigin);
            return false;
        }

        var wake = false;
        lock (_gate)
        {
            if (!_lanes[lane].TryAdd(envelope))
            {
                _rejects.Count(DropReason.NoRoom);
                return false;
            }

            _waiting++;
            if (_lanes[lane] is PeerLane { IsHeld: true }) return true; // a timer goes on with it
            if (!_scheduled && Volatile.Read(ref _backlog) < OpenedMax) wake = _scheduled = true;
        }

        if (wake) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>Whether a lane is not half full: whoever can hold up its sender should, otherwise.</summary>
    public bool HasRoom(int lane)
    {
        lock (_gate) return _lanes[lane].IsBelowHalf;
    }

    /// <summary>Drops all that waits in a lane.</summary>
    public void Forget(int lane)
    {
        lock (_gate)
        {
            for (; _lanes[lane].TryTake(out _); _waiting--) _rejects.Count(DropReason.Forgotten);
        }
    }

    /// <summary>Adds something that the host itself says, behind all that was opened before.</summary>
    public void Post(in Arrival arrival)
    {
        Interlocked.Increment(ref _backlog);
        _opened.Writer.TryWrite(arrival); // unbounded and never completed: always true
    }

    /// <summary>The machine took so many opened inputs: there is room for more.</summary>
    public void Taken(int count)
    {
        if (Interlocked.Add(ref _backlog, -count) >= OpenedMax) return;
        lock (_gate)
        {
            if (_scheduled || _waiting == 0) return;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private static Lane MakeLane(LaneBounds bounds, WireLimits limits) => bounds.Origin switch
    {
        LaneOrigin.Peer => new PeerLane(bounds),
        LaneOrigin.Clients => new ClientLane(bounds, limits),
        _ => new(bounds),
    };

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            for (var i = 0; i < Quantum; i++)
            {
                if (!TryDequeue(out var envelope)) return;
                var verified = SignatureVerifier.DoneByThisThread;
                Open(envelope);
                if (_openedOf is null) continue;
                _surcharge = (int)(SignatureVerifier.DoneByThisThread - verified) * PeerLane.Verification;
                _surcharge += envelope.Bytes.Length / PeerLane.UnitBytes;
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        catch (Exception failure)
        {
            _onBroken(failure); // opening never throws; if it does, this replica stops and the process does not
        }
    }

    private bool TryDequeue(out Envelope envelope)
    {
        lock (_gate)
        {
            if (_openedOf is not null)
            {
                _openedOf.OnOpened(_surcharge);
                _total += _surcharge;
                (_openedOf, _surcharge) = (null, 0);
            }

            if (_waiting > 0 && Volatile.Read(ref _backlog) < OpenedMax)
            {
                if (TryTakeTurn(out envelope))
                {
                    _waiting--;
                    _total++;
                    return true;
                }

                _later.Change(HoldUp, Timeout.InfiniteTimeSpan); // all that waits is of peers that have had their share
            }

            _scheduled = false;
            envelope = default;
            return false;
        }
    }

    /// <summary>The next envelope of the next lane that has one and may be opened. Holds the gate.</summary>
    private bool TryTakeTurn(out Envelope envelope)
    {
        var now = _clock.Now;
        for (var i = 0; i < _lanes.Length; i++)
        {
            var index = _turn;
            var lane = _lanes[index];
            _turn = index + 1 == _lanes.Length ? 0 : index + 1;
            if (lane.Count == 0 || (lane is PeerLane held && !held.MayOpen(now, _total))) continue;
            (lane as PeerLane)?.OnOpened(1);
            _openedOf = index == _primary ? null : lane as PeerLane;
            return lane.TryTake(out envelope);
        }

        envelope = default;
        return false;
    }

    private void Open(in Envelope envelope)
    {
        _inputs.Clear();
        var reason = _opener.TryOpen(envelope.Bytes, _inputs);
        if (reason == RejectReason.None)
        {
            var now = _clock.Now;
            foreach (var input in _inputs) Post(new(input, null, envelope.TraceParent, now, envelope.Origin));
            return;
        }

        _rejects.Count(reason);
        _onRejected?.Invoke(envelope.Origin, reason);
    }
}
