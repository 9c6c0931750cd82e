using GenAI.Chats.Engine.History;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests;

/// <summary>Calls of one name, as many as a request can have and more: time in proportion to them, where the square would be minutes.</summary>
public sealed class OpenCallsTests
{
    private const int Many = 100_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_ManyCallsOfOneName_TakesLinearTime(bool ids)
    {
        var mismatch = await InTimeAsync(() =>
        {
            var calls = new OpenCalls();
            calls.Add(Model(Parts(i => Call("f", ids ? $"{i}" : null))));
            return calls.Answer(User(Parts(i => Response("f", ids ? $"{Many - 1 - i}" : null))));
        });

        Assert.Null(mismatch);
    }

    [Fact]
    public async Task Answer_LastOfManyIsMissing_TakesLinearTime()
    {
        var mismatch = await InTimeAsync(() =>
        {
            var calls = new OpenCalls();
            calls.Add(Model([.. Parts(_ => Call("f")), Call("g", "7")]));
            return calls.Answer(User(Parts(_ => Response("f"))));
        });

        Assert.Contains("missing: 'g' with ID '7'", mismatch!.Value.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uncurated_ManyContentsWithOneResponseEach_TakesLinearTime()
    {
        var history = Contents();

        var (left, open) = await InTimeAsync(() => (Curation.Uncurated(history, out var open), open));

        Assert.Empty(left);
        Assert.Equal(history.Count, open);
    }

    [Fact]
    public async Task List_ManyContentsWithOneResponseEach_AreJoinedInLinearTime()
    {
        var sent = await InTimeAsync(() =>
        {
            var contents = new SentContents();
            Contents().ForEach(contents.Add);
            return contents.List;
        });

        Assert.Equal([1, Many, Many], sent.Select(content => content.Parts.Count));
    }

    [Fact]
    public void List_ReadBetweenTheResponses_IsJoinedAgain()
    {
        var contents = new SentContents();
        contents.Add(Model(Call("f"), Call("g"), Call("h")));
        contents.Add(User(Response("h")));
        Assert.Equal("m:f?g?h? u:h!", Line(contents.List));
        contents.Add(User(Response("f")));
        Assert.Equal("m:f?g?h? u:f!h!", Line(contents.List));
        contents.Add(User(Response("g")));

        Assert.Equal("m:f?g?h? u:f!g!h!", Line(contents.List));
    }

    private static List<Content> Contents() => [User("u"), Model(Parts(i => Call("f", $"{i}"))), .. Parts(i => Response("f", $"{i}")).Select(part => User(part))];

    private static Part[] Parts(Func<int, Part> part) => [.. Enumerable.Range(0, Many).Select(part)];

    private static Task<T> InTimeAsync<T>(Func<T> work) => Task.Run(work).WaitAsync(Patience.Limit);
}
