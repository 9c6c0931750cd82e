using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests;

public sealed class PageTokenTests
{
    private static readonly ChatKey Key = new("tenant", "chat");
    private static readonly HistoryToken Place = new(17, 3, "chat-1");

    [Theory]
    [InlineData("1.2")]
    [InlineData("639000000000000000.chat.with.dots")]
    [InlineData("\ud83d\ude00")]
    public void Read_Written_GivesThePlace(string place) => Assert.Equal(place, PageToken.Read(PageToken.Write(place, "list"), "list"));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAA")]
    [InlineData("!!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Read_NoToken_Throws(string token) => Refused(() => PageToken.Read(token, "list"));

    [Fact]
    public void Read_AnyCharacterChanged_Throws()
    {
        var token = PageToken.Write("12.34", "list");
        for (var i = 0; i < token.Length; i++)
        {
            // Far enough in the alphabet that it is no other spelling of the same bytes.
            var changed = token[..i] + (token[i] is >= 'A' and <= 'P' ? 'w' : 'A') + token[(i + 1)..];
            Refused(() => PageToken.Read(changed, "list"));
        }

        Refused(() => PageToken.Read(token[..^1], "list"));
        Refused(() => PageToken.Read(token + "A", "list"));
        Refused(() => PageToken.Read(token, "another list"));
    }

    [Fact]
    public void Parse_HistoryToken_IsForThisChatAndKindAlone()
    {
        var token = Place.ToString(Key, curated: true);

        Assert.Equal(Place, HistoryToken.Parse(token, Key, curated: true));
        Refused(() => HistoryToken.Parse(token, Key, curated: false));
        Refused(() => HistoryToken.Parse(token, Key with { ChatId = "other" }, curated: true));
        Refused(() => HistoryToken.Parse(token, Key with { Tenant = "other" }, curated: true));
    }

    [Fact]
    public void Parse_Empty_IsTheStart() => Assert.Equal(new HistoryToken(1, 0, null), HistoryToken.Parse("", Key, curated: false));

    private static void Refused(Action read)
    {
        var failure = Assert.Throws<ChatException>(read);
        Assert.Equal((Code.InvalidArgument, "INVALID_PAGE_TOKEN", "page_token"), (failure.Code, failure.Reason, failure.Field));
    }
}
