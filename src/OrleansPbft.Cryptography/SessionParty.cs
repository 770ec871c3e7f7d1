using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>One end of a session: a replica or a client of the cluster.</summary>
/// <param name="IsClient">Which of the two it is.</param>
/// <param name="Id">The replica's number, or the client's id.</param>
internal readonly record struct SessionParty(bool IsClient, UInt128 Id)
{
    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public const int Bytes = sizeof(byte) + ClientId.Bytes;

    /// <summary>The replica; only of a replica.</summary>
    public ReplicaId Replica => new((int)Id);

    /// <summary>The client; only of a client.</summary>
    public ClientId Client => new(Id);

    /// <summary>A replica.</summary>
    public static SessionParty Of(ReplicaId replica) => new(false, (UInt128)replica.Index);

    /// <summary>A client.</summary>
    public static SessionParty Of(ClientId client) => new(true, client.Value);

    /// <summary>Whether this one comes first where both are named: replicas before clients, by number or id.</summary>
    public bool IsBefore(in SessionParty other) => IsClient == other.IsClient ? Id < other.Id : !IsClient;

    /// <summary>Writes role (u8) ‖ number or id (16 bytes, big-endian).</summary>
    public void Write(ref WireWriter writer)
    {
        writer.WriteByte(IsClient ? (byte)1 : (byte)0);
        writer.WriteIdentifier(Id);
    }
}
