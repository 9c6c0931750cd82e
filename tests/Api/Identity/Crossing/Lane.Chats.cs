using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Identity.Crossing;

/// <content>Calls about chats.</content>
internal sealed partial class Lane
{
    private const string NotFound = "CHAT_NOT_FOUND";
    private const string Token = "INVALID_PAGE_TOKEN";

    private async Task CreateAsync(string name, Metadata headers, TenantChats? own)
    {
        // What is malformed as a name is as an id too, with the slash.
        var valid = _names.Contains(name);
        var id = valid ? name["chats/".Length..] : $"{name}/";
        var text = NewText(own);
        var request = new CreateChatRequest
        {
            Model = "echo",
            ChatId = id,
            DisplayName = text,
            Labels = { ["lane"] = _label },
            History = { Notation.Parse([$"u[{text}]", $"m[{text}]"]) },
        };
        var created = await AnswerAsync(
            () => _client.CreateChatAsync(request, headers).ResponseAsync, own, name, Unless(Find(own, name) is null, "CHAT_EXISTS"));
        if (created is not null)
        {
            Searched(created, own!);
            own!.Chats.Add(name, new KnownChat { DisplayName = text, Texts = { text, text } });
        }
    }

    private async Task DeleteAsync(string name, Metadata headers, TenantChats? own)
    {
        if (_random.Next(3) > 0)
        {
            // Else there would be little to find.
            await GetAsync(name, headers, own);
            return;
        }

        var allowMissing = _random.Next(2) == 0;
        var deleted = await AnswerAsync(
            () => _client.DeleteChatAsync(new DeleteChatRequest { Name = name, AllowMissing = allowMissing }, headers).ResponseAsync,
            own, name, Unless(allowMissing || Find(own, name) is not null, NotFound));
        if (deleted is not null)
        {
            // A chat that is created under the name later takes none of this one's tokens.
            own!.Chats.Remove(name);
            _pageTokens.RemoveAll(token => token.For == HistoryOf(own, name));
        }
    }

    private async Task UpdateAsync(string name, Metadata headers, TenantChats? own)
    {
        var text = NewText(own);
        var request = new UpdateChatRequest { Chat = new Chat { Name = name, DisplayName = text }, UpdateMask = new() { Paths = { "display_name" } } };
        if (await AnswerAsync(() => _client.UpdateChatAsync(request, headers).ResponseAsync, own, name, Unless(Find(own, name) is not null, NotFound)) is { } chat)
        {
            own!.Chats[name].DisplayName = text;
            Assert.Equal(text, Searched(chat, own).DisplayName);
        }
    }

    private async Task GetAsync(string name, Metadata headers, TenantChats? own)
    {
        var known = Find(own, name);
        if (await AnswerAsync(
            () => _client.GetChatAsync(new GetChatRequest { Name = name }, headers).ResponseAsync, own, name, Unless(known is not null, NotFound)) is { } chat)
        {
            Assert.Equal((name, known!.DisplayName), (Searched(chat, own!).Name, chat.DisplayName));
        }
    }

    private async Task ListAsync(Metadata headers, TenantChats? own)
    {
        var filter = _random.Next(2) == 0 ? Filter : "";
        var (token, list) = _random.Next(2) == 0 ? ("", null) : Pick(_pageTokens);
        var here = $"list {own?.Tenant} {filter}";
        var reply = await AnswerAsync(
            () => _client.ListChatsAsync(new ListChatsRequest { Filter = filter, PageSize = 2, PageToken = token }, headers).ResponseAsync,
            own, null, Unless(token.Length == 0 || list == here, Token));
        if (reply is null)
        {
            return;
        }

        Searched(reply, own!);
        Assert.All(reply.Chats.Where(c => _names.Contains(c.Name)), c => Assert.Contains(c.Name, own!.Chats.Keys));
        Remember(reply.NextPageToken, here);
    }

    private async Task GetHistoryAsync(string name, Metadata headers, TenantChats? own)
    {
        var known = Find(own, name);
        var (token, list) = _random.Next(2) == 0 ? ("", null) : Pick(_pageTokens);
        var here = HistoryOf(own, name);
        var reply = await AnswerAsync(
            () => _client.GetHistoryAsync(new GetHistoryRequest { Name = name, PageSize = 1, PageToken = token }, headers).ResponseAsync,
            own, name, Unless(token.Length == 0 || list == here, Token), Unless(known is not null, NotFound));
        if (reply is null)
        {
            return;
        }

        Assert.All(Searched(reply, own!).History, c => Assert.Contains(c.Parts[0].Text, known!.Texts));
        Remember(reply.NextPageToken, here);
    }

    private static string HistoryOf(TenantChats? own, string name) => $"history {own?.Tenant} {name}";

    private void Remember(string token, string list)
    {
        if (token.Length > 0)
        {
            _pageTokens.Add((token, list));
        }
    }
}
