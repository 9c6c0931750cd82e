using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Chats;

/// <summary>Histories: in pages, and recorded by clients.</summary>
public sealed class HistoryTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetHistory_AnyPageSize_HasEachContentOnce(bool curated)
    {
        var chat = await Server.NewChatAsync(null, Notation.Parse(["m[0]", "u[1]", "m[]", "u[2]", "m[3]", "m[4]"]));
        chat.Answer(ScriptedReply.Text("5"), ScriptedReply.Json("{}"), ScriptedReply.Text("6"));
        await chat.SendAsync("a");
        await chat.SendAsync("b");
        await chat.SendAsync("c");
        string[] expected = curated
            ? ["m[0]", "u[2]", "m[3]", "m[4]", "u[a]", "m[5]", "u[c]", "m[6]"]
            : ["m[0]", "u[1]", "m[]", "u[2]", "m[3]", "m[4]", "u[a]", "m[5]", "u[b]", "m[]", "u[c]", "m[6]"];

        for (var size = 0; size <= expected.Length + 1; size++)
        {
            var request = new GetHistoryRequest { Name = chat.Name, Curated = curated, PageSize = size };
            var contents = new List<string>();
            do
            {
                var reply = await Client.GetHistoryAsync(request);
                Assert.Equal(3, reply.Revision);
                Assert.True(size == 0 || reply.History.Count <= size);
                Assert.True(reply.NextPageToken.Length == 0 || reply.History.Count == size);
                contents.AddRange(Notation.Of(reply.History));
                request.PageToken = reply.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            Assert.Equal(expected, contents);
        }
    }

    [Fact]
    public async Task GetHistory_MoreThanAReplyHolds_HasATokenForTheRest()
    {
        var big = new string('x', 1_500_000);
        var chat = await Server.NewChatAsync("echo", Notation.Parse([$"u[{big}]", $"m[{big}]", $"u[{big}]", "m[a]"]));

        var first = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name });
        var second = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageToken = first.NextPageToken });

        // Clients take 4 MiB unless they are told otherwise.
        Assert.InRange(first.CalculateSize(), 1, 4 * 1024 * 1024);
        Assert.Equal((2, 2, ""), (first.History.Count, second.History.Count, second.NextPageToken));
    }

    [Fact]
    public async Task GetHistory_TurnsAddedBetweenPages_AreOnLaterPages()
    {
        var chat = await Server.NewChatAsync("echo");
        await chat.SendAsync("a");
        var first = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageSize = 1 });

        await chat.SendAsync("b");

        var rest = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageToken = first.NextPageToken });
        Assert.Equal(["m[a]", "u[b]", "m[b]"], Notation.Of(rest.History));
        Assert.Equal(2, rest.Revision);
    }

    [Theory]
    [InlineData(true, "m[b] m[c]", "u[a] m[b] m[c]", true)]
    [InlineData(false, "m[b]", "u[a] m[b]", false)]
    [InlineData(true, "", "u[a] m[]", false)]
    [InlineData(true, "m[{}]", "u[a] m[{}]", false)]
    [InlineData(true, "[b]", "u[a] m[b]", true)]
    [InlineData(true, "m[call:f#1] u[reply:f#1] m[b]", "u[a] m[call:f#1] u[reply:f#1] m[b]", true)]
    public async Task RecordHistory_Turn_IsRecordedAndCuratedWhenValid(bool isValid, string output, string comprehensive, bool curated)
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Text("ok"));

        var after = await Client.RecordHistoryAsync(new RecordHistoryRequest
        {
            Name = chat.Name,
            UserInput = Notation.Parse("[a]"),
            ModelOutput = { Notation.Parse(output.Split(' ', StringSplitOptions.RemoveEmptyEntries)) },
            IsValid = isValid,
        });

        Assert.Equal((1L, 1L), (after.Revision, after.TurnCount));
        var contents = comprehensive.Split(' ');
        string[] sent = curated ? contents : [];
        Assert.Equal(contents, await chat.HistoryAsync());
        Assert.Equal(sent, await chat.HistoryAsync(curated: true));
        await chat.SendAsync("next");
        Assert.Equal([.. sent, "u[next]"], Notation.OfContents(chat.Requests[0].Body));
    }
}
