using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <content>What is said of keys, and what others say of theirs.</content>
public sealed partial class SessionKeys
{
    /// <summary>Looks at a SESSION-KEY before its signature is verified: most need no verification.</summary>
    /// <param name="from">Who is said to have sent it.</param>
    /// <param name="announced">What it says.</param>
    /// <param name="isNew">Whether it is worth a verification, and then <see cref="Take"/>.</param>
    internal RejectReason Consider(in SessionParty from, in KeyAnnouncement announced, out bool isNew)
    {
        isNew = false;
        if (_self.IsClient && from.IsClient && from != _self) return RejectReason.WrongSender;
        var said = new Said();
        RejectReason reason;
        lock (_gate)
        {
            if (_isDisposed) return RejectReason.WrongMode;
            reason = from == _self ? ConsiderOwn(announced, out isNew) : ConsiderOther(from, announced, ref said, out isNew);
        }

        Send(said);
        return reason;
    }

    /// <summary>Takes a key that its holder has signed.</summary>
    internal RejectReason Take(in SessionParty from, in KeyAnnouncement announced, ReadOnlySpan<byte> envelope)
    {
        if (!announced.Key.IsValid()) return RejectReason.BadKey;
        var said = new Said();
        lock (_gate)
        {
            if (_isDisposed) return RejectReason.WrongMode;
            var now = Now;
            Turn(now, ref said);
            if (from == _self)
            {
                if (announced.Epoch >= _current.Epoch) Replace(announced.Epoch, now, ref said);
            }
            else
            {
                var counterpart = FindOrAdd(from);
                if (counterpart.Recall(announced.Epoch) is not null || !counterpart.Takes(announced.Epoch)) return RejectReason.OldSessionKey; // another thread was faster
                counterpart.Bucket.Take();
                if (from.IsClient) _clientKeys.Take();
                if (counterpart.Add(new(announced.Epoch, announced.Key, envelope.ToArray()), now + Overlap) is { } gone) Forget(from, gone);
                if (announced.Asks) Tell(counterpart, asks: false, evenIfJustTold: true, now, ref said);
            }
        }

        Send(said);
        return RejectReason.None;
    }

    /// <summary>Something that we are said to have signed came back to us: from before a restart, or by another who has our key.</summary>
    private RejectReason ConsiderOwn(in KeyAnnouncement announced, out bool isNew)
    {
        isNew = announced.Epoch > _current.Epoch || (announced.Epoch == _current.Epoch && announced.Key != _current.PublicKey);
        return isNew || announced.Epoch == _current.Epoch ? RejectReason.None : RejectReason.OldSessionKey;
    }

    private RejectReason ConsiderOther(in SessionParty from, in KeyAnnouncement announced, ref Said said, out bool isNew)
    {
        isNew = false;
        var now = Now;
        var known = Find(from);
        if (known?.Newest is { } newest)
        {
            var same = known.Recall(announced.Epoch);
            if (same?.PublicKey == announced.Key && same.EndsAt > now)
            {
                if (announced.Asks) Tell(known, asks: false, evenIfJustTold: false, now, ref said);
                return RejectReason.None;
            }

            if (same is not null || !known.Takes(announced.Epoch))
            {
                // Replayed; or said by one whose clock has gone back, or by two programs at one instant: it is shown how far its epochs have come.
                if (MayTell(known, evenIfJustTold: false, now)) said.Add(from, newest.Envelope);
                return RejectReason.OldSessionKey;
            }
        }

        var hasRoom = known is null || known.Bucket.HasRoom(now);
        if (from.IsClient) hasRoom &= _clientKeys.HasRoom(now);
        isNew = hasRoom;
        return hasRoom ? RejectReason.None : RejectReason.TooManySessionKeys;
    }

    private void Tell(Counterpart to, bool asks, bool evenIfJustTold, long now, ref Said said)
    {
        if (_sink is not null && MayTell(to, evenIfJustTold, now)) said.Add(to.Party, AnnouncementFor(to.Party, asks));
    }

    private bool MayTell(Counterpart to, bool evenIfJustTold, long now)
    {
        if (!evenIfJustTold && to.ToldAt != long.MinValue && now - to.ToldAt < Ticks(TellEvery)) return false;
        to.ToldAt = now;
        return true;
    }

    /// <summary>The key in use as a SESSION-KEY: one for all replicas, made once; for a client one that its transport finds the way with.</summary>
    private byte[] AnnouncementFor(in SessionParty to, bool asks)
    {
        if (to.IsClient) return Seal(new(_current.Epoch, _current.PublicKey, to.Client, asks));
        return asks
            ? _current.Asking ??= Seal(new(_current.Epoch, _current.PublicKey, default, Asks: true))
            : _current.Telling ??= Seal(new(_current.Epoch, _current.PublicKey, default, Asks: false));
    }

    private byte[] Seal(in KeyAnnouncement announcement)
    {
        var header = _self.IsClient ? EnvelopeEncoding.HeaderBytes(MessageKind.Request) : EnvelopeEncoding.HeaderBytes(MessageKind.SessionKey);
        var envelope = new byte[header + EnvelopeEncoding.SessionKeyBodyBytes + EnvelopeEncoding.SignatureSealBytes];
        var writer = new WireWriter(envelope);
        if (_self.IsClient) EnvelopeEncoding.WriteHeader(ref writer, _cluster, _publicKey, EnvelopeEncoding.SessionKeyBodyBytes, MessageKind.SessionKey);
        else EnvelopeEncoding.WriteHeader(ref writer, MessageKind.SessionKey, _cluster, _self.Replica, EnvelopeEncoding.SessionKeyBodyBytes);
        announcement.Write(ref writer);
        _signer.Sign(envelope, ref writer);
        return envelope;
    }

    private void Send(in Said said)
    {
        if (said.All is null || _sink is not { } sink) return;
        foreach (var (to, envelope) in said.All)
        {
            if (to.IsClient) sink.ToClient(to.Client, envelope);
            else sink.ToReplica(to.Replica, envelope, traceParent: null);
        }
    }

    /// <summary>What leaves once the gate is open again: sinks have locks of their own.</summary>
    private struct Said
    {
        public List<(SessionParty To, byte[] Envelope)>? All { get; private set; }

        public void Add(in SessionParty to, byte[] envelope) => (All ??= []).Add((to, envelope));
    }
}
