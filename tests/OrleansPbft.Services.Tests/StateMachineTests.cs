using System.Text;
using System.Text.Json.Serialization;
using OrleansPbft.Core;

namespace OrleansPbft.Services.Tests;

/// <summary>S-2, S-3: a user writes records and one method; root and rollback come for free.</summary>
public sealed class StateMachineTests
{
    private readonly ServiceUnderTest _service = new(new Library());

    [Fact]
    public void Commands_and_results_are_records()
    {
        Assert.Equal(new Answer("lent", 1), Do(new Lend("Dune", "ann")));
        Assert.Equal(new Answer("taken by ann", 1), Do(new Lend("Dune", "bob")));
        Assert.Equal(new Answer("lent", 2), Do(new Lend("Emma", "bob")));
        Assert.Equal(new Answer("returned", 1), Do(new Return("Dune")));
    }

    [Fact]
    public void Equal_histories_have_equal_roots_and_any_difference_shows()
    {
        var twin = new ServiceUnderTest(new Library());
        Do(new Lend("Dune", "ann"));
        twin.Apply(Library.Encode(new Lend("Dune", "ann")));
        Assert.Equal(twin.Service.Root, _service.Service.Root);

        Do(new Return("Dune"));
        Assert.NotEqual(twin.Service.Root, _service.Service.Root);
    }

    [Fact]
    public void A_command_that_throws_changes_nothing()
    {
        Do(new Lend("Dune", "ann"));
        var root = _service.Service.Root;

        Assert.Throws<InvalidOperationException>(() => Do(new Burn("Dune")));
        Assert.Throws<OperationRejectedException>(() => Do(new Return("Emma")));

        Assert.Equal(root, _service.Service.Root);
        Assert.Equal(new Answer("taken by ann", 1), Do(new Lend("Dune", "bob")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"$type":"lend","title":"Dune"}""")]
    [InlineData("""{"$type":"lend","title":null,"reader":"ann"}""")]
    [InlineData("""{"$type":"lend","title":"Dune","reader":"ann","extra":1}""")]
    [InlineData("""{"$type":"lend","title":"Dune","title":"Emma","reader":"ann"}""")]
    [InlineData("""{"$type":"steal","title":"Dune"}""")]
    [InlineData("""{"$type":"lend","title":"Dune","reader":"ann"} x""")]
    public void Malformed_commands_are_rejected_alike(string json)
    {
        var root = _service.Service.Root;

        Assert.Throws<OperationRejectedException>(() => _service.Apply(Encoding.UTF8.GetBytes(json)));

        Assert.Equal(root, _service.Service.Root);
    }

    [Fact]
    public void A_query_that_writes_changes_nothing()
    {
        Do(new Lend("Dune", "ann"));
        var root = _service.Service.Root;

        var answer = Library.Decode(_service.Query(Library.Encode(new Return("Dune"))));

        Assert.Equal(new Answer("returned", 0), answer);
        Assert.Equal(root, _service.Service.Root);
    }

    private Answer? Do(Command command) => Library.Decode(_service.Apply(Library.Encode(command)));

    [JsonDerivedType(typeof(Lend), "lend")]
    [JsonDerivedType(typeof(Return), "return")]
    [JsonDerivedType(typeof(Burn), "burn")]
    internal abstract record Command;

    internal sealed record Lend(string Title, string Reader) : Command;

    internal sealed record Return(string Title) : Command;

    internal sealed record Burn(string Title) : Command;

    internal sealed record Answer(string Text, int Lent);

    private sealed class Library : StateMachine<Command, Answer>
    {
        public override string Name => "Library/1";

        protected override Answer Apply(Command command, ServiceState state, in OperationContext context) => Run(command, state);

        protected override Answer Query(Command command, ServiceState state) => Run(command, state);

        private static Answer Run(Command command, ServiceState state)
        {
            switch (command)
            {
                case Lend(var title, _) when state.Get<string>($"book/{title}") is { } reader: return Answer($"taken by {reader}");
                case Lend lend:
                    state.Put($"book/{lend.Title}", lend.Reader);
                    return Answer("lent");
                case Return(var title):
                    return state.Delete($"book/{title}") ? Answer("returned") : throw new OperationRejectedException("Nobody has it.");
                default:
                    state.Delete("book/Dune");
                    throw new InvalidOperationException("Books do not burn.");
            }

            Answer Answer(string text) => new(text, state.Range<string>("book/").Count());
        }
    }
}
