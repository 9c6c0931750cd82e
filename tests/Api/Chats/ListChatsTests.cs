using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Chats;

/// <summary>Lists of chats: order, pages, filters.</summary>
public sealed class ListChatsTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public async Task ListChats_Pages_HaveEachChatOnce_NewestChangeFirst(int pageSize)
    {
        var (filter, chats) = await ChatsAsync(7);
        await chats[2].SendAsync("hi");
        string[] expected = [chats[2].Name, .. Enumerable.Range(0, 7).Reverse().Where(i => i != 2).Select(i => chats[i].Name)];

        var pages = await PagesAsync(new ListChatsRequest { Filter = filter, PageSize = pageSize });

        Assert.Equal(expected, pages.SelectMany(p => p).Select(c => c.Name));
        Assert.All(pages, p => Assert.InRange(p.Count, 1, pageSize));
        Assert.All(pages.SelectMany(p => p), c => Assert.Null(c.Config));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task ListChats_ChatChangesBetweenPages_IsNotSkipped(int pageSize)
    {
        var (filter, chats) = await ChatsAsync(9);
        var seen = new List<string>();
        var list = new ListChatsRequest { Filter = filter, PageSize = pageSize };
        var changes = new Queue<int>([0, 3, 1, 0]);
        do
        {
            var page = await Client.ListChatsAsync(list);
            seen.AddRange(page.Chats.Select(c => c.Name));
            list.PageToken = page.NextPageToken;
            if (changes.TryDequeue(out var next))
            {
                await chats[next].SendAsync("hi");
            }
        }
        while (list.PageToken.Length > 0);

        Assert.Equal(chats.Select(c => c.Name).Order(), seen.Distinct().Order());
    }

    [Fact]
    public async Task ListChats_WithoutPageSize_HasFifty()
    {
        var (filter, _) = await ChatsAsync(51);

        var pages = await PagesAsync(new ListChatsRequest { Filter = filter });

        Assert.Equal([50, 1], pages.Select(p => p.Count));
    }

    [Fact]
    public async Task ListChats_ManyLabels_RepliesAreSmallEnoughForEveryClient()
    {
        const int Chats = 60;
        const int ClientLimit = 4 * 1024 * 1024;
        var run = Guid.NewGuid().ToString("N");
        var names = new List<string>();
        for (var i = 0; i < Chats; i++)
        {
            var request = new CreateChatRequest { Model = "echo", Labels = { ["run"] = run } };
            for (var label = 1; label < 64; label++)
            {
                request.Labels.Add($"label-{label}", string.Concat(Enumerable.Repeat("\U0001F600", 256)));
            }

            names.Add((await Client.CreateChatAsync(request)).Name);
        }

        var list = new ListChatsRequest { Filter = $"labels.run = \"{run}\"", PageSize = 1000 };
        var pages = await PagesAsync(list);

        Assert.Equal(Enumerable.Reverse(names), pages.SelectMany(page => page).Select(chat => chat.Name));
        Assert.InRange(pages.Count, 2, 3);
        Assert.All(pages, page => Assert.InRange(new ListChatsResponse { Chats = { page } }.CalculateSize(), 1, ClientLimit));
    }

    [Fact]
    public async Task ListChats_ListedChat_HasNoConfig()
    {
        var label = Guid.NewGuid().ToString("N");
        var created = await Client.CreateChatAsync(new CreateChatRequest
        {
            Model = "echo",
            Config = new GenerateContentConfig { Seed = 1 },
            DisplayName = "name",
            Labels = { ["k"] = label, ["j"] = "1" },
        });
        await Client.SendMessageAsync(new SendMessageRequest { Name = created.Name, Text = "one two" });
        var chat = await Client.GetChatAsync(new GetChatRequest { Name = created.Name });

        var listed = (await Client.ListChatsAsync(new ListChatsRequest { Filter = $"labels.k = \"{label}\"" })).Chats.Single();

        chat.Config = null;
        Assert.Equal(chat, listed);
    }

    [Theory]
    [InlineData("labels.x = \"1\"", "ab")]
    [InlineData("labels.x=\"1\" AND labels.y=\"2\"", "a")]
    [InlineData("  labels.y  =  \"2\"  ", "ac")]
    [InlineData("labels.x = \"3\"", "")]
    [InlineData("labels.nothing = \"1\"", "")]
    [InlineData("labels.quoted = \"a \\\"b\\\" \\\\ AND\"", "c")]
    [InlineData("labels.with.dots/and-more = \"\"", "b")]
    [InlineData("labels.x = \"1\" AND labels.x = \"2\"", "")]
    public async Task ListChats_Filter_MatchesAllItsLabels(string filter, string expected)
    {
        var label = Guid.NewGuid().ToString("N");
        await CreateAsync("a", new() { ["run"] = label, ["x"] = "1", ["y"] = "2" });
        await CreateAsync("b", new() { ["run"] = label, ["x"] = "1", ["with.dots/and-more"] = "" });
        await CreateAsync("c", new() { ["run"] = label, ["y"] = "2", ["quoted"] = "a \"b\" \\ AND" });

        var chats = await Client.ListChatsAsync(new ListChatsRequest { Filter = $"labels.run = \"{label}\" AND {filter.Trim()}" });

        Assert.Equal(expected, string.Concat(chats.Chats.Select(c => c.DisplayName).Order()));
    }

    [Fact]
    public async Task ListChats_LabelsChangedOrChatDeleted_IsSeenAtOnce()
    {
        var (filter, chats) = await ChatsAsync(3);

        await Client.DeleteChatAsync(new DeleteChatRequest { Name = chats[0].Name });
        await Client.UpdateChatAsync(
            new UpdateChatRequest { Chat = new Chat { Name = chats[1].Name }, UpdateMask = new() { Paths = { "labels" } } });

        Assert.Equal([chats[2].Name], (await Client.ListChatsAsync(new ListChatsRequest { Filter = filter })).Chats.Select(c => c.Name));
    }

    [Fact]
    public async Task ListChats_NothingMatches_IsEmpty()
    {
        var reply = await Client.ListChatsAsync(new ListChatsRequest { Filter = "labels.nobody = \"x\"" });

        Assert.Equal(new ListChatsResponse(), reply);
    }

    private async Task CreateAsync(string displayName, Dictionary<string, string> labels) =>
        await Client.CreateChatAsync(new CreateChatRequest { Model = "echo", DisplayName = displayName, Labels = { labels } });

    // Chats that the filter tells from those of other tests.
    private async Task<(string Filter, List<TestChat> Chats)> ChatsAsync(int count)
    {
        var label = Guid.NewGuid().ToString("N");
        var chats = new List<TestChat>();
        for (var i = 0; i < count; i++)
        {
            var chat = await Client.CreateChatAsync(
                new CreateChatRequest { Model = "echo", Labels = { ["run"] = label }, Config = new GenerateContentConfig { Seed = i } });
            chats.Add(new TestChat(Server, "echo", chat.Name));
        }

        return ($"labels.run = \"{label}\"", chats);
    }

    private async Task<List<List<Chat>>> PagesAsync(ListChatsRequest request)
    {
        var pages = new List<List<Chat>>();
        do
        {
            var reply = await Client.ListChatsAsync(request);
            pages.Add([.. reply.Chats]);
            request.PageToken = reply.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return pages;
    }
}
