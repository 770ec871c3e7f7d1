using OrleansPbft.Core;

namespace OrleansPbft.Grains.Network;

/// <summary>Who in this process listens for which client's replies. Thread-safe and bounded: a listener that is forgotten registers
/// again with its next request.</summary>
public sealed class ReplyRouter
{
    /// <summary>How many listeners one client has at most; one more takes the place of the oldest.</summary>
    public const int SinksMax = 4;

    /// <summary>How many clients are known by default; one more takes the place of the one that was quiet longest.</summary>
    public const int DefaultClientsMax = 65_536;

    private const int Stripes = 16;

    private readonly Stripe[] _stripes = new Stripe[Stripes];

    /// <summary>Makes room for <paramref name="clientsMax"/> clients.</summary>
    /// <param name="clientsMax">At least 16.</param>
    public ReplyRouter(int clientsMax = DefaultClientsMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(clientsMax, Stripes);
        for (var i = 0; i < Stripes; i++) _stripes[i] = new(clientsMax / Stripes);
    }

    /// <summary>How many clients are known now.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var stripe in _stripes) count += stripe.Count;
            return count;
        }
    }

    /// <summary>From now on <paramref name="sink"/> gets the client's replies, beside those registered before it. Cheap when it is known.</summary>
    public void Register(ClientId client, IReplySink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        StripeOf(client).Register(client, sink);
    }

    /// <summary>From now on <paramref name="sink"/> gets none of the client's replies.</summary>
    public void Unregister(ClientId client, IReplySink sink) => StripeOf(client).Unregister(client, sink);

    /// <summary>Hands a reply to all who listen for the client's; false when nobody does.</summary>
    public bool Route(ClientId client, ReplicaId from, in Envelope envelope)
    {
        var sinks = StripeOf(client).Find(client);
        foreach (var sink in sinks) sink.Send(from, envelope);
        return sinks.Length > 0;
    }

    // The client's id is part of a SHA-256 digest: any of its bits are as good as others.
    private Stripe StripeOf(ClientId client) => _stripes[(int)((ulong)client.Value & (Stripes - 1))];

    /// <summary>A part of the clients under one lock; the sinks of a client are an array that is replaced, never changed.</summary>
    private sealed class Stripe(int clientsMax)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<ClientId, LinkedListNode<(ClientId Client, IReplySink[] Sinks)>> _byClient = [];
        private readonly LinkedList<(ClientId Client, IReplySink[] Sinks)> _quietFirst = new();

        public int Count
        {
            get
            {
                lock (_gate) return _byClient.Count;
            }
        }

        public void Register(ClientId client, IReplySink sink)
        {
            lock (_gate)
            {
                if (_byClient.TryGetValue(client, out var known))
                {
                    Touch(known);
                    if (Array.IndexOf(known.Value.Sinks, sink) < 0) known.Value = (client, With(known.Value.Sinks, sink));
                    return;
                }

                if (_byClient.Count >= clientsMax)
                {
                    _byClient.Remove(_quietFirst.First!.Value.Client); // full, so there is a first
                    _quietFirst.RemoveFirst();
                }

                _byClient.Add(client, _quietFirst.AddLast((client, [sink])));
            }
        }

        public void Unregister(ClientId client, IReplySink sink)
        {
            lock (_gate)
            {
                if (!_byClient.TryGetValue(client, out var known) || Array.IndexOf(known.Value.Sinks, sink) < 0) return;
                var rest = Array.FindAll(known.Value.Sinks, other => !ReferenceEquals(other, sink));
                known.Value = (client, rest);
                if (rest.Length > 0) return;
                _byClient.Remove(client);
                _quietFirst.Remove(known);
            }
        }

        public IReplySink[] Find(ClientId client)
        {
            lock (_gate)
            {
                if (!_byClient.TryGetValue(client, out var known)) return [];
                Touch(known);
                return known.Value.Sinks;
            }
        }

        private static IReplySink[] With(IReplySink[] sinks, IReplySink sink) =>
            sinks.Length < SinksMax ? [.. sinks, sink] : [.. sinks.AsSpan(1), sink];

        private void Touch(LinkedListNode<(ClientId Client, IReplySink[] Sinks)> client)
        {
            if (client.Next is null) return;
            _quietFirst.Remove(client);
            _quietFirst.AddLast(client);
        }
    }
}
