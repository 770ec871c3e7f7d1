using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <content>MACs made and checked.</content>
public sealed partial class SessionKeys
{
    /// <summary>Whether what goes to a replica can be MACed. Where not, its key is asked for.</summary>
    internal bool Knows(ReplicaId replica)
    {
        var said = new Said();
        bool knows;
        lock (_gate)
        {
            var counterpart = _replicas[replica.Index];
            knows = counterpart.Newest is not null;
            if (!knows && !_isDisposed) Tell(counterpart, asks: true, evenIfJustTold: false, Now, ref said);
        }

        Send(said);
        return knows;
    }

    /// <summary>Whether what goes to a client can be MACed for the program of it that has the session key of an epoch, and has shown, by a MAC, that it
    /// knows one of ours.</summary>
    internal bool Knows(ClientId client, long epoch)
    {
        lock (_gate) return _clients.TryGet(client, out var counterpart) && IsOurs(counterpart.Find(epoch, Now)?.Confirmed);
    }

    /// <summary>Writes the seal of a MAC behind a signed part; false when there is no session with the receiver.</summary>
    /// <param name="to">The receiver.</param>
    /// <param name="epoch">Of a client, which of its session keys; of a replica it is its newest.</param>
    /// <param name="signed">The signed part.</param>
    /// <param name="seal">Where the seal goes.</param>
    internal bool TrySeal(in SessionParty to, long epoch, ReadOnlySpan<byte> signed, Span<byte> seal)
    {
        var said = new Said();
        SessionMacKey? key = null;
        var ownEpoch = 0L;
        var theirEpoch = 0L;
        lock (_gate)
        {
            var now = Now;
            if (_isDisposed) return false;
            Turn(now, ref said);
            if (TryChoose(to, epoch, now, out var own, out var theirs))
            {
                key = PairOf(own, to, theirs).Sending;
                (ownEpoch, theirEpoch) = (own.Epoch, theirs.Epoch);
            }
        }

        Send(said);
        if (key is null) return false;
        var writer = new WireWriter(seal);
        writer.WriteByte((byte)SealType.Mac);
        writer.WriteInt64(ownEpoch);
        writer.WriteInt64(theirEpoch);
        return key.TryCompute(to, ownEpoch, theirEpoch, signed, seal[writer.Position..]);
    }

    /// <summary>Writes epoch ‖ count ‖ a MAC for each replica: what a client adds to its signature. Zero where there is no session yet.</summary>
    internal void WriteAuthenticator(ReadOnlySpan<byte> signed, Span<byte> destination)
    {
        var keys = new SessionMacKey?[_replicas.Length];
        Span<long> epochs = stackalloc long[_replicas.Length];
        var said = new Said();
        long ownEpoch;
        lock (_gate)
        {
            var now = Now;
            if (!_isDisposed) Turn(now, ref said);
            ownEpoch = _current.Epoch;
            for (var i = 0; i < _replicas.Length; i++)
            {
                if (_isDisposed) continue; // its client is gone: what it still seals has its signature
                if (_replicas[i].Newest is { } theirs)
                {
                    keys[i] = PairOf(_current, _replicas[i].Party, theirs).Sending;
                    epochs[i] = theirs.Epoch;
                }
                else
                {
                    Tell(_replicas[i], asks: true, evenIfJustTold: false, now, ref said);
                }
            }
        }

        Send(said);
        var writer = new WireWriter(destination);
        writer.WriteInt64(ownEpoch);
        writer.WriteByte((byte)_replicas.Length);
        for (var i = 0; i < _replicas.Length; i++)
        {
            var mac = destination.Slice(writer.Position + (i * EnvelopeEncoding.MacBytes), EnvelopeEncoding.MacBytes);
            if (keys[i]?.TryCompute(_replicas[i].Party, ownEpoch, epochs[i], signed, mac) is not true) mac.Clear();
        }
    }

    /// <summary>Checks the MAC of a replica's envelope.</summary>
    internal RejectReason Verify(in EnvelopeFrame frame)
    {
        var from = SessionParty.Of(frame.Replica);
        if (from == _self) return RejectReason.WrongSender; // what we said to another, sent back to us
        var said = new Said();
        SessionMacKey? key = null;
        PeerSessionKey? theirs;
        OwnSessionKey? own;
        long now;
        lock (_gate)
        {
            if (_isDisposed) return RejectReason.UnknownSessionKey;
            now = Now;
            Turn(now, ref said);
            var counterpart = _replicas[frame.Replica.Index];
            theirs = counterpart.Find(frame.SenderEpoch, now);
            own = OwnOf(frame.ReceiverEpoch);
            if (theirs is null || own is null) Tell(counterpart, asks: true, evenIfJustTold: false, now, ref said);
            else key = PairOf(own, from, theirs).Receiving;
        }

        Send(said);
        if (theirs is null || own is null) return RejectReason.UnknownSessionKey;
        if (!IsMac(key, theirs.Epoch, own.Epoch, frame.Signed.Span, frame.Macs.Span)) return RejectReason.BadMac;
        if (theirs.Confirmed != own) Confirm(theirs, own, now, isOfClient: false);
        return RejectReason.None;
    }

    /// <summary>Checks a client's MAC for this replica: true when it is good. What is not may still be signed well, and that decides (rule A-3).</summary>
    internal bool VerifyAuthenticator(in EnvelopeFrame frame, ClientId client)
    {
        var mac = frame.Macs.Span.Slice((int)_self.Id * EnvelopeEncoding.MacBytes, EnvelopeEncoding.MacBytes);
        if (!mac.ContainsAnyExcept((byte)0)) return false; // it has no session with us yet
        var from = SessionParty.Of(client);
        SessionMacKey? key = null;
        SessionMacKey? keyBefore = null;
        PeerSessionKey? theirs;
        OwnSessionKey current;
        OwnSessionKey? previous;
        var said = new Said();
        lock (_gate)
        {
            if (_isDisposed) return false;
            var now = Now;
            Turn(now, ref said);
            theirs = Find(from)?.Find(frame.SenderEpoch, now);
            (current, previous) = (_current, _previous);
            if (theirs is not null)
            {
                key = PairOf(current, from, theirs).Receiving;
                if (previous is not null) keyBefore = PairOf(previous, from, theirs).Receiving;
            }
        }

        Send(said);
        if (theirs is null) return false;
        var signed = frame.Signed.Span;
        var own = IsMac(key, theirs.Epoch, current.Epoch, signed, mac) ? current
            : previous is not null && IsMac(keyBefore, theirs.Epoch, previous.Epoch, signed, mac) ? previous
            : null;
        if (own is null) return false;
        Confirm(theirs, own, Now, isOfClient: true);
        if (own != current) Remind(client); // it does not know our new key yet
        return true;
    }

    /// <summary>A client is who it says it is, and its MAC was none of ours: it is told our key, and asked for its own.</summary>
    internal void Remind(ClientId client)
    {
        var said = new Said();
        lock (_gate)
        {
            if (_isDisposed) return;
            var now = Now;
            var counterpart = FindOrAdd(SessionParty.Of(client));
            Tell(counterpart, asks: true, evenIfJustTold: false, now, ref said);
        }

        Send(said);
    }

    private bool IsMac(SessionMacKey? key, long senderEpoch, long receiverEpoch, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[EnvelopeEncoding.MacBytes];
        return key is not null && key.TryCompute(_self, senderEpoch, receiverEpoch, signed, expected) && CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    private void Confirm(PeerSessionKey theirs, OwnSessionKey own, long now, bool isOfClient)
    {
        lock (_gate)
        {
            theirs.Confirmed = own;
            if (isOfClient && theirs.EndsAt < now + Overlap) theirs.EndsAt = now + Overlap; // another program of the client has a newer key, and this one goes on
        }
    }

    /// <summary>Chooses the two keys a MAC is made with: the client's of that epoch, or the replica's newest, and of our own the one that the other has shown to know.</summary>
    private bool TryChoose(in SessionParty to, long epoch, long now, [NotNullWhen(true)] out OwnSessionKey? own, [NotNullWhen(true)] out PeerSessionKey? theirs)
    {
        own = null;
        theirs = null;
        if (Find(to) is not { } counterpart) return false;
        theirs = to.IsClient ? counterpart.Find(epoch, now) : counterpart.Newest;
        if (theirs is null || (to.IsClient && !IsOurs(theirs.Confirmed))) return false;
        own = IsOurs(theirs.Confirmed) ? theirs.Confirmed! : _current;
        return true;
    }
}
