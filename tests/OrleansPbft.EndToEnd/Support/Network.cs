using OrleansPbft.Cryptography;

namespace OrleansPbft.EndToEnd;

/// <summary>The network between the silos of a federation, and between clients and silos: a piece for each direction. A replica dials every other for what it
/// sends to it, so that to cut the piece from one to another cuts one direction only.</summary>
internal sealed class Network : IAsyncDisposable
{
    /// <summary>In place of a replica: all clients.</summary>
    public const int Clients = -1;

    private readonly Dictionary<(int From, int To), LinkProxy> _pieces = [];
    private readonly int _replicas;

    /// <summary>Makes a network without faults.</summary>
    /// <param name="file">Where the replicas listen in truth.</param>
    public Network(ClusterFile file)
    {
        _replicas = file.Addresses.Length;
        for (var from = Clients; from < _replicas; from++)
        {
            for (var to = 0; to < _replicas; to++)
            {
                if (from != to) _pieces.Add((from, to), new(file.Addresses[to].Port));
            }
        }
    }

    /// <summary>The piece from one replica, or from clients, to another.</summary>
    public LinkProxy this[int from, int to] => _pieces[(from, to)];

    /// <summary>The cluster file as one who sends must have it, so that all of it goes through here. Addresses are no part of a cluster's id.</summary>
    public ClusterFile FileOf(int from, ClusterFile file) => new(
        [.. file.Membership.Replicas],
        [.. file.Addresses.Select((address, to) => from == to ? address : new ReplicaAddress(address.Host, this[from, to].Port))],
        file.Service,
        file.Options,
        file.Access);

    /// <summary>What one replica sends to the others is lost; what they send to it arrives.</summary>
    public void CutFrom(int from)
    {
        foreach (var other in OthersOf(from)) this[from, other].Cut();
    }

    /// <summary>What the others send to one replica is lost; what it sends to them arrives.</summary>
    public void CutTo(int to)
    {
        foreach (var other in OthersOf(to)) this[other, to].Cut();
    }

    /// <summary>Nothing goes from one side to the other, either way. Clients reach all.</summary>
    public void Part(int[] side)
    {
        foreach (var ((from, to), piece) in _pieces)
        {
            if (from != Clients && side.Contains(from) != side.Contains(to)) piece.Cut();
        }
    }

    /// <summary>All is well again.</summary>
    public void Heal()
    {
        foreach (var piece in _pieces.Values)
        {
            piece.Heal();
            piece.Delay = TimeSpan.Zero;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var piece in _pieces.Values) await piece.DisposeAsync();
    }

    private IEnumerable<int> OthersOf(int replica) => Enumerable.Range(0, _replicas).Where(other => other != replica);
}
