using OrleansPbft.Cryptography;

namespace OrleansPbft.Simulation.Network;

/// <summary>What one life of a replica seals and opens with in mode Macs: the real thing, as a silo has it.</summary>
internal sealed class SessionNode(SessionKeys sessions, EnvelopeOpener opener, OutgoingEnvelopes outgoing)
{
    /// <summary>Its sessions.</summary>
    public SessionKeys Sessions => sessions;

    /// <summary>Opens what reaches it.</summary>
    public EnvelopeOpener Opener => opener;

    /// <summary>Seals what it says.</summary>
    public OutgoingEnvelopes Outgoing => outgoing;
}
