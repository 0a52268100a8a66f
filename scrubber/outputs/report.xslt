<?xml version="1.0" encoding="UTF-8"?>
<!--
  Makes the HTML report from the XML report (report.xsd): one page that needs no other file. The parameters are the
  page's stylesheet (report.css), its script (report.js) and its content security policy. Only the list of claims needs
  the claims; all else is made from sums. So html_report.py makes the page without claims and adds the list in pieces.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="utf-8" indent="no" doctype-system="about:legacy-compat"/>
  <xsl:strip-space elements="report file claim line finding summary breakdown rule section"/>

  <xsl:param name="style"/>
  <xsl:param name="script"/>
  <xsl:param name="policy"/>

  <!-- Rows of a chart that are shown at first. The others open on demand. -->
  <xsl:variable name="at-once" select="10"/>

  <xsl:variable name="files" select="count(/report/file) + sum(/worklist/@files)"/>

  <xsl:key name="rule" match="rule" use="@code"/>

  <!-- Some of the claims, for a page that is made in pieces: the list alone. -->
  <xsl:template match="/worklist">
    <xsl:call-template name="claims"/>
  </xsl:template>

  <xsl:template match="/report">
    <html lang="en">
      <head>
        <meta http-equiv="Content-Security-Policy" content="{$policy}"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta name="referrer" content="no-referrer"/>
        <title>
          <xsl:text>Claim report: </xsl:text>
          <xsl:call-template name="what-was-read"/>
        </title>
        <style><xsl:value-of select="$style"/></style>
      </head>
      <body>
        <a class="skip" href="#worklist">Skip to the claims to work on</a>
        <xsl:call-template name="head"/>
        <main>
          <xsl:call-template name="glance"/>
          <xsl:call-template name="errors"/>
          <xsl:call-template name="charts"/>
          <xsl:call-template name="files"/>
          <xsl:call-template name="not-checked"/>
          <xsl:call-template name="not-counted"/>
          <xsl:call-template name="worklist"/>
          <xsl:call-template name="rules"/>
        </main>
        <xsl:call-template name="foot"/>
        <script><xsl:value-of select="$script"/></script>
      </body>
    </html>
  </xsl:template>

  <!-- Head and foot -->

  <xsl:template name="head">
    <header class="top">
      <div>
        <h1>Claim report</h1>
        <p class="read"><bdi><xsl:call-template name="what-was-read"/></bdi></p>
      </div>
      <nav aria-label="Parts of this report">
        <a href="#glance">At a glance</a>
        <xsl:if test="file/error"><a href="#errors">File problems</a></xsl:if>
        <a href="#worklist">Claims to work on</a>
        <xsl:if test="rule"><a href="#rules">What the codes mean</a></xsl:if>
      </nav>
    </header>
  </xsl:template>

  <xsl:template name="what-was-read">
    <xsl:choose>
      <xsl:when test="$files = 1"><xsl:value-of select="file/@path"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="counted">
          <xsl:with-param name="of" select="$files"/>
          <xsl:with-param name="one" select="'file'"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="foot">
    <footer>
      <p>
        <xsl:text>Made by </xsl:text>
        <xsl:value-of select="concat(tool/@name, ' ', tool/@version, ', profile ', profile/@name)"/>
        <xsl:value-of select="concat(', reference tables ', reference/@release)"/>
        <xsl:text>. Charges are as billed, in US dollars. This page holds claim ids and dates of service: treat it as
          patient data.</xsl:text>
      </p>
      <p class="print"><xsl:value-of select="concat('Edits ', catalogue/@sha256)"/></p>
    </footer>
  </xsl:template>

  <!-- At a glance -->

  <xsl:template name="glance">
    <section id="glance" aria-labelledby="glance-title">
      <h2 id="glance-title">At a glance</h2>
      <p class="verdict"><xsl:call-template name="verdict"/></p>
      <ul class="tiles">
        <xsl:call-template name="tile">
          <xsl:with-param name="name" select="'Claims in'"/>
          <xsl:with-param name="number" select="summary/@claims"/>
          <xsl:with-param name="kind" select="'all'"/>
          <xsl:with-param name="charge" select="summary/@charge"/>
          <xsl:with-param name="says" select="' billed'"/>
        </xsl:call-template>
        <xsl:call-template name="tile">
          <xsl:with-param name="name" select="'Clean'"/>
          <xsl:with-param name="number" select="summary/@clean"/>
          <xsl:with-param name="kind" select="'clean'"/>
          <xsl:with-param name="says" select="'nothing found that would hold them up'"/>
        </xsl:call-template>
        <xsl:call-template name="tile">
          <xsl:with-param name="name" select="'Flagged'"/>
          <xsl:with-param name="number" select="summary/@flagged"/>
          <xsl:with-param name="kind" select="'flagged'"/>
          <xsl:with-param name="says" select="'may be denied: look before sending'"/>
        </xsl:call-template>
        <xsl:call-template name="tile">
          <xsl:with-param name="name" select="'Rejected'"/>
          <xsl:with-param name="number" select="summary/@rejected"/>
          <xsl:with-param name="kind" select="'rejected'"/>
          <xsl:with-param name="says" select="'likely denied: fix before sending'"/>
        </xsl:call-template>
        <li class="stake">
          <span class="name">Charge at stake</span>
          <xsl:text> </xsl:text>
          <span class="number"><xsl:apply-templates select="summary/@charge_at_stake" mode="money"/></span>
          <xsl:text> </xsl:text>
          <span class="says">
            <xsl:apply-templates select="summary/@charge_rejected" mode="money"/>
            <xsl:text> of it on rejected claims, the rest on flagged ones</xsl:text>
          </span>
        </li>
        <xsl:if test="summary/@allowed">
          <li class="stake">
            <span class="name">Medicare allows, at stake</span>
            <xsl:text> </xsl:text>
            <span class="number"><xsl:apply-templates select="summary/@allowed_at_stake" mode="money"/></span>
            <xsl:text> </xsl:text>
            <span class="says">
              <xsl:text>of </xsl:text>
              <xsl:apply-templates select="summary/@allowed" mode="money"/>
              <xsl:call-template name="unpriced"><xsl:with-param name="lines" select="summary/@unpriced_lines"/></xsl:call-template>
              <xsl:text>; waste </xsl:text>
              <xsl:apply-templates select="summary/@waste" mode="money"/>
              <xsl:text>, avoidable </xsl:text>
              <xsl:apply-templates select="summary/@avoidable_waste" mode="money"/>
            </span>
          </li>
        </xsl:if>
      </ul>
      <xsl:if test="summary/@claims &gt; 0">
        <svg
          class="parts"
          role="img"
          width="100%"
          height="14"
          aria-label="Of {summary/@claims} claims {summary/@rejected} rejected, {summary/@flagged} flagged, {summary/@clean} clean">
          <xsl:call-template name="bars">
            <xsl:with-param name="a" select="summary/@rejected"/>
            <xsl:with-param name="b" select="summary/@flagged"/>
            <xsl:with-param name="c" select="summary/@clean"/>
            <xsl:with-param name="third" select="'clean'"/>
            <xsl:with-param name="full" select="summary/@claims"/>
          </xsl:call-template>
        </svg>
      </xsl:if>
    </section>
  </xsl:template>

  <xsl:template name="unpriced">
    <xsl:param name="lines"/>
    <xsl:if test="$lines &gt; 0">
      <xsl:text>, no price for </xsl:text>
      <xsl:call-template name="counted">
        <xsl:with-param name="of" select="$lines"/>
        <xsl:with-param name="one" select="'line'"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <xsl:template name="verdict">
    <xsl:variable name="work" select="summary/@rejected + summary/@flagged"/>
    <xsl:choose>
      <xsl:when test="summary/@claims = 0">No claims could be read.</xsl:when>
      <xsl:when test="$work = 0">
        <xsl:text>No claim needs work before it is sent: there are no rejects and no warnings.</xsl:text>
      </xsl:when>
      <xsl:otherwise>
        <strong>
          <xsl:call-template name="grouped"><xsl:with-param name="digits" select="string($work)"/></xsl:call-template>
          <xsl:text> of </xsl:text>
          <xsl:call-template name="counted">
            <xsl:with-param name="of" select="summary/@claims"/>
            <xsl:with-param name="one" select="'claim'"/>
          </xsl:call-template>
        </strong>
        <xsl:choose>
          <xsl:when test="$work = 1"> needs work before it is sent. </xsl:when>
          <xsl:otherwise> need work before they are sent. </xsl:otherwise>
        </xsl:choose>
        <strong><xsl:apply-templates select="summary/@charge_at_stake" mode="money"/></strong>
        <xsl:text> of </xsl:text>
        <xsl:apply-templates select="summary/@charge" mode="money"/>
        <xsl:text> billed is at stake.</xsl:text>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="tile">
    <xsl:param name="name"/>
    <xsl:param name="number"/>
    <xsl:param name="kind"/>
    <xsl:param name="charge"/>
    <xsl:param name="says"/>
    <li class="{$kind}">
      <span class="name"><xsl:value-of select="$name"/></span>
      <xsl:text> </xsl:text>
      <span class="number">
        <xsl:apply-templates select="$number" mode="grouped"/>
        <xsl:if test="$kind != 'all' and summary/@claims &gt; 0">
          <xsl:text> </xsl:text>
          <small><xsl:value-of select="concat(format-number(100 * $number div summary/@claims, '0.#'), '%')"/></small>
        </xsl:if>
      </span>
      <xsl:text> </xsl:text>
      <span class="says">
        <xsl:if test="$charge"><xsl:apply-templates select="$charge" mode="money"/></xsl:if>
        <xsl:value-of select="$says"/>
      </span>
    </li>
  </xsl:template>

  <!-- Three parts of a bar, side by side. -->
  <xsl:template name="bars">
    <xsl:param name="a"/>
    <xsl:param name="b"/>
    <xsl:param name="c"/>
    <xsl:param name="third" select="'info'"/>
    <xsl:param name="full"/>
    <xsl:variable name="unit" select="100 div $full"/>
    <rect class="reject" x="0%" width="{format-number($a * $unit, '0.##')}%" height="100%"/>
    <rect class="warn" x="{format-number($a * $unit, '0.##')}%" width="{format-number($b * $unit, '0.##')}%" height="100%"/>
    <rect class="{$third}" x="{format-number(($a + $b) * $unit, '0.##')}%" width="{format-number($c * $unit, '0.##')}%" height="100%"/>
  </xsl:template>

  <!-- Errors of the files -->

  <xsl:template name="errors">
    <xsl:variable name="broken" select="count(file[@status = 'error'])"/>
    <xsl:if test="file/error or $broken">
      <section id="errors" aria-labelledby="errors-title">
        <xsl:if test="$broken"><xsl:attribute name="class">alert</xsl:attribute></xsl:if>
        <h2 id="errors-title">Problems with the files themselves</h2>
        <xsl:if test="$broken">
          <p>
            <xsl:choose>
              <xsl:when test="$files = 1">The file is damaged. </xsl:when>
              <xsl:otherwise><xsl:value-of select="concat($broken, ' of ', $files, ' files are damaged. ')"/></xsl:otherwise>
            </xsl:choose>
            <xsl:text>Create a damaged file again in the system that it came from. Claims may be missing or
              incomplete.</xsl:text>
          </p>
        </xsl:if>
        <xsl:if test="file/error">
          <xsl:call-template name="error-table">
            <xsl:with-param name="errors" select="(file/error)[position() &lt;= $at-once]"/>
          </xsl:call-template>
        </xsl:if>
        <xsl:if test="(file/error)[$at-once + 1]">
          <details class="more">
            <summary><xsl:value-of select="concat(count(file/error) - $at-once, ' more')"/></summary>
            <xsl:call-template name="error-table">
              <xsl:with-param name="errors" select="(file/error)[position() &gt; $at-once]"/>
            </xsl:call-template>
          </details>
        </xsl:if>
      </section>
    </xsl:if>
  </xsl:template>

  <xsl:template name="error-table">
    <xsl:param name="errors"/>
    <div class="wide">
      <table>
        <caption class="spoken">Problems with the files</caption>
        <thead>
          <tr>
            <xsl:if test="$files &gt; 1"><th scope="col">File</th></xsl:if>
            <th scope="col">Code</th>
            <th scope="col">What is wrong</th>
            <th scope="col">Where</th>
          </tr>
        </thead>
        <tbody>
          <xsl:for-each select="$errors">
            <tr>
              <xsl:if test="$files &gt; 1"><td class="path"><bdi><xsl:value-of select="../@path"/></bdi></td></xsl:if>
              <th scope="row"><xsl:call-template name="code"/></th>
              <td><xsl:value-of select="@message"/></td>
              <td>
                <xsl:text>byte </xsl:text>
                <xsl:apply-templates select="@offset" mode="grouped"/>
                <xsl:if test="@segment"><xsl:value-of select="concat(', segment ', @segment)"/></xsl:if>
              </td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table>
    </div>
  </xsl:template>

  <!-- Charts -->

  <xsl:template name="charts">
    <xsl:if test="summary/findings">
      <section class="charts" aria-label="Where the findings are">
        <p class="legend" aria-hidden="true">
          <span class="reject">Reject</span>
          <span class="warn">Warning</span>
          <span class="info">Info</span>
        </p>
        <xsl:for-each select="breakdown">
          <!-- An edit that found nothing is not in a chart, also if it could not decide. -->
          <xsl:variable name="shares" select="share[../@by != 'edit' or @claims &gt; 0]"/>
          <div class="chart {@by}">
            <xsl:call-template name="chart">
              <xsl:with-param name="rows" select="$shares[position() &lt;= $at-once]"/>
              <xsl:with-param name="last" select="others[count($shares) &lt;= $at-once]"/>
            </xsl:call-template>
            <xsl:if test="$shares[$at-once + 1]">
              <details class="more">
                <summary><xsl:value-of select="concat(count($shares) - $at-once, ' more')"/></summary>
                <xsl:call-template name="chart">
                  <xsl:with-param name="rows" select="$shares[position() &gt; $at-once]"/>
                  <xsl:with-param name="last" select="others"/>
                  <xsl:with-param name="continued" select="', continued'"/>
                </xsl:call-template>
              </details>
            </xsl:if>
          </div>
        </xsl:for-each>
      </section>
    </xsl:if>
  </xsl:template>

  <xsl:template name="chart">
    <xsl:param name="rows"/>
    <xsl:param name="last"/>
    <xsl:param name="continued"/>
    <xsl:variable name="full">
      <xsl:for-each select="share">
        <xsl:sort select="@reject + @warn + @info" data-type="number" order="descending"/>
        <xsl:if test="position() = 1"><xsl:value-of select="@reject + @warn + @info"/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <table>
      <caption><xsl:value-of select="concat('Findings by ', @by, $continued)"/></caption>
      <thead>
        <tr>
          <th scope="col">
            <xsl:choose>
              <xsl:when test="@by = 'edit'">Edit</xsl:when>
              <xsl:when test="@by = 'payer'">Payer</xsl:when>
              <xsl:otherwise>Billing provider</xsl:otherwise>
            </xsl:choose>
          </th>
          <th scope="col" class="bar">Findings</th>
          <th scope="col" class="number">Claims<xsl:if test="@by != 'edit'"> to fix</xsl:if></th>
          <th scope="col" class="number">At stake</th>
          <xsl:if test="/report/summary/@allowed"><th scope="col" class="number">Allowed</th></xsl:if>
        </tr>
      </thead>
      <tbody>
        <xsl:for-each select="$rows | $last">
          <tr>
            <th scope="row">
              <xsl:choose>
                <xsl:when test="self::others">All others</xsl:when>
                <xsl:when test="../@by = 'edit'">
                  <a href="#worklist" data-filter="code" data-value="{@code}"><xsl:value-of select="@code"/></a>
                  <xsl:text> </xsl:text>
                  <span class="title"><xsl:value-of select="key('rule', @code)/@title"/></span>
                </xsl:when>
                <xsl:when test="../@by = 'payer'">
                  <xsl:call-template name="chosen">
                    <xsl:with-param name="filter" select="'payer'"/>
                    <xsl:with-param name="value" select="@payer_id"/>
                    <xsl:with-param name="none" select="'no payer id'"/>
                  </xsl:call-template>
                </xsl:when>
                <xsl:otherwise>
                  <xsl:call-template name="chosen">
                    <xsl:with-param name="filter" select="'provider'"/>
                    <xsl:with-param name="value" select="@billing_npi"/>
                    <xsl:with-param name="none" select="'no NPI'"/>
                  </xsl:call-template>
                </xsl:otherwise>
              </xsl:choose>
            </th>
            <td class="bar">
              <div>
                <svg role="img" width="100%" height="12" aria-label="{@reject} reject, {@warn} warning, {@info} info, together">
                  <xsl:if test="self::share and $full &gt; 0">
                    <xsl:call-template name="bars">
                      <xsl:with-param name="a" select="@reject"/>
                      <xsl:with-param name="b" select="@warn"/>
                      <xsl:with-param name="c" select="@info"/>
                      <xsl:with-param name="full" select="$full"/>
                    </xsl:call-template>
                  </xsl:if>
                </svg>
                <span>
                  <xsl:call-template name="grouped">
                    <xsl:with-param name="digits" select="string(@reject + @warn + @info)"/>
                  </xsl:call-template>
                </span>
              </div>
            </td>
            <td class="number">
              <xsl:choose>
                <xsl:when test="../@by = 'edit'">
                  <xsl:apply-templates select="@claims" mode="grouped"/>
                </xsl:when>
                <xsl:otherwise>
                  <xsl:call-template name="grouped">
                    <xsl:with-param name="digits" select="string(@rejected + @flagged)"/>
                  </xsl:call-template>
                  <span class="of">
                    <xsl:text> of </xsl:text>
                    <xsl:apply-templates select="@claims" mode="grouped"/>
                  </span>
                </xsl:otherwise>
              </xsl:choose>
            </td>
            <td class="number"><xsl:apply-templates select="@charge_at_stake" mode="money"/></td>
            <xsl:if test="/report/summary/@allowed">
              <td class="number">
                <xsl:if test="@allowed_at_stake"><xsl:apply-templates select="@allowed_at_stake" mode="money"/></xsl:if>
              </td>
            </xsl:if>
          </tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <!-- A payer or provider, linked to its claims if any of them needs work. -->
  <xsl:template name="chosen">
    <xsl:param name="filter"/>
    <xsl:param name="value"/>
    <xsl:param name="none"/>
    <xsl:variable name="shown">
      <xsl:value-of select="$value"/>
      <xsl:if test="string($value) = ''"><xsl:value-of select="$none"/></xsl:if>
    </xsl:variable>
    <span class="id">
      <xsl:choose>
        <xsl:when test="@noted &gt; 0">
          <a href="#worklist" data-filter="{$filter}" data-value="={$value}"><xsl:value-of select="$shown"/></a>
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="$shown"/></xsl:otherwise>
      </xsl:choose>
    </span>
  </xsl:template>

  <!-- Files -->

  <xsl:template name="files">
    <xsl:if test="$files &gt; 1">
      <section aria-labelledby="files-title">
        <h2 id="files-title">Files</h2>
        <div class="wide" role="region" tabindex="0" aria-label="Table of files">
          <table>
            <caption class="spoken">Claims and charges by file</caption>
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col" class="number">Claims</th>
                <th scope="col" class="number">Clean</th>
                <th scope="col" class="number">Flagged</th>
                <th scope="col" class="number">Rejected</th>
                <th scope="col" class="number">Billed</th>
                <th scope="col" class="number">At stake</th>
                <xsl:if test="summary/@allowed"><th scope="col" class="number">Allowed at stake</th></xsl:if>
                <th scope="col">File sound</th>
              </tr>
            </thead>
            <tbody>
              <xsl:for-each select="file">
                <tr>
                  <th scope="row" class="path">
                    <xsl:choose>
                      <xsl:when test="summary/@noted &gt; 0">
                        <a href="#worklist" data-filter="file" data-value="{@ordinal}"><bdi><xsl:value-of select="@path"/></bdi></a>
                      </xsl:when>
                      <xsl:otherwise><bdi><xsl:value-of select="@path"/></bdi></xsl:otherwise>
                    </xsl:choose>
                  </th>
                  <td class="number"><xsl:apply-templates select="summary/@claims" mode="grouped"/></td>
                  <td class="number"><xsl:apply-templates select="summary/@clean" mode="grouped"/></td>
                  <td class="number"><xsl:apply-templates select="summary/@flagged" mode="grouped"/></td>
                  <td class="number"><xsl:apply-templates select="summary/@rejected" mode="grouped"/></td>
                  <td class="number"><xsl:apply-templates select="summary/@charge" mode="money"/></td>
                  <td class="number"><xsl:apply-templates select="summary/@charge_at_stake" mode="money"/></td>
                  <xsl:if test="/report/summary/@allowed">
                    <td class="number">
                      <xsl:if test="summary/@allowed_at_stake">
                        <xsl:apply-templates select="summary/@allowed_at_stake" mode="money"/>
                      </xsl:if>
                    </td>
                  </xsl:if>
                  <td>
                    <xsl:choose>
                      <xsl:when test="@status = 'ok'">yes</xsl:when>
                      <xsl:otherwise><strong class="reject">no</strong></xsl:otherwise>
                    </xsl:choose>
                  </td>
                </tr>
              </xsl:for-each>
            </tbody>
          </table>
        </div>
      </section>
    </xsl:if>
  </xsl:template>

  <!-- Not checked -->

  <xsl:template name="not-checked">
    <!-- A table that is not loaded is not loaded for any file. -->
    <xsl:variable name="of-files" select="file[1]/not_checked"/>
    <xsl:variable name="undecided" select="summary/@undecided"/>
    <xsl:if test="$of-files or $undecided &gt; 0">
      <section aria-labelledby="not-checked-title" class="not-checked">
        <h2 id="not-checked-title">What was not checked</h2>
        <xsl:if test="$of-files">
          <p>
            <xsl:call-template name="counted">
              <xsl:with-param name="of" select="count($of-files)"/>
              <xsl:with-param name="one" select="'edit'"/>
            </xsl:call-template>
            <xsl:text> could not be applied, or only in part, to any claim. The claims may fail
              them.</xsl:text>
          </p>
          <details class="more">
            <summary>Which, and why</summary>
            <div class="wide">
              <table>
                <caption class="spoken">Edits that were not applied</caption>
                <thead>
                  <tr>
                    <th scope="col">Edit</th>
                    <th scope="col">What it looks for</th>
                    <th scope="col">Why it was not applied</th>
                  </tr>
                </thead>
                <tbody>
                  <xsl:for-each select="$of-files">
                    <tr>
                      <th scope="row"><xsl:call-template name="code"/></th>
                      <td><xsl:value-of select="key('rule', @code)/@title"/></td>
                      <td><xsl:value-of select="@reason"/></td>
                    </tr>
                  </xsl:for-each>
                </tbody>
              </table>
            </div>
          </details>
        </xsl:if>
        <xsl:if test="$undecided &gt; 0">
          <p>
            <xsl:text>On </xsl:text>
            <a href="#worklist" data-filter="severity" data-value="unchecked">
              <xsl:call-template name="counted">
                <xsl:with-param name="of" select="$undecided"/>
                <xsl:with-param name="one" select="'claim'"/>
              </xsl:call-template>
            </a>
            <xsl:text> an edit could not decide, for example because a date is missing. The list shows which edit.</xsl:text>
          </p>
        </xsl:if>
      </section>
    </xsl:if>
  </xsl:template>

  <!-- Suppressed findings and those of edits on trial -->

  <xsl:template name="not-counted">
    <xsl:if test="summary/@suppressed or summary/shadow or suppressions">
      <section aria-labelledby="not-counted-title">
        <h2 id="not-counted-title">Findings that do not count</h2>
        <xsl:if test="summary/@suppressed">
          <p>
            <xsl:call-template name="counted">
              <xsl:with-param name="of" select="summary/@suppressed"/>
              <xsl:with-param name="one" select="'finding'"/>
            </xsl:call-template>
            <xsl:text> suppressed: accepted in a suppressions file until a date, or known from the baseline. The claims
              in the list below show theirs. The XML and JSON reports show all.</xsl:text>
          </p>
        </xsl:if>
        <xsl:if test="summary/shadow">
          <p>
            <xsl:text>Edits on trial (shadow) would have found: </xsl:text>
            <xsl:for-each select="summary/shadow">
              <xsl:if test="position() &gt; 1">, </xsl:if>
              <xsl:call-template name="code"/>
              <xsl:value-of select="concat(' ', @count)"/>
            </xsl:for-each>
            <xsl:text>.</xsl:text>
          </p>
        </xsl:if>
        <xsl:for-each select="suppressions">
          <p>
            <bdi><xsl:value-of select="@path"/></bdi>
            <xsl:text>: </xsl:text>
            <xsl:call-template name="counted">
              <xsl:with-param name="of" select="@entries"/>
              <xsl:with-param name="one" select="'suppression'"/>
            </xsl:call-template>
            <xsl:call-template name="entries">
              <xsl:with-param name="numbers" select="@expired"/>
              <xsl:with-param name="why" select="'past their last day'"/>
            </xsl:call-template>
            <xsl:call-template name="entries">
              <xsl:with-param name="numbers" select="@undated"/>
              <xsl:with-param name="why" select="'not to be judged, as the file has no date'"/>
            </xsl:call-template>
            <xsl:call-template name="entries">
              <xsl:with-param name="numbers" select="@unused"/>
              <xsl:with-param name="why" select="'whose claim has no such finding'"/>
            </xsl:call-template>
            <xsl:call-template name="entries">
              <xsl:with-param name="numbers" select="@no_claim"/>
              <xsl:with-param name="why" select="'whose claim is not here'"/>
            </xsl:call-template>
            <xsl:text>.</xsl:text>
          </p>
        </xsl:for-each>
      </section>
    </xsl:if>
  </xsl:template>

  <xsl:template name="entries">
    <xsl:param name="numbers"/>
    <xsl:param name="why"/>
    <xsl:if test="$numbers != ''"><xsl:value-of select="concat('; ', $why, ': no. ', $numbers)"/></xsl:if>
  </xsl:template>

  <!-- The worklist -->

  <xsl:template name="worklist">
    <section id="worklist" aria-labelledby="worklist-title" tabindex="-1">
      <h2 id="worklist-title">Claims to work on</h2>
      <xsl:choose>
        <xsl:when test="summary/@noted &gt; 0">
          <p class="hint">
            <xsl:text>Worst first. Open a claim to see its service lines, what is wrong, and how to fix it. Claims
              without findings are not listed.</xsl:text>
          </p>
          <xsl:call-template name="filters"/>
          <p id="shown" class="shown" role="status" aria-live="polite">
            <xsl:call-template name="counted">
              <xsl:with-param name="of" select="summary/@noted"/>
              <xsl:with-param name="one" select="'claim'"/>
            </xsl:call-template>
          </p>
          <div id="sorting" class="row heads" role="group" aria-label="Sort the claims" hidden="hidden">
            <button type="button" data-sort="rank" data-first="descending">Status</button>
            <button type="button" data-sort="order" data-first="ascending">No.</button>
            <button type="button" data-sort="claim" data-first="ascending">Claim</button>
            <button type="button" data-sort="payer" data-first="ascending">Payer</button>
            <button type="button" data-sort="date" data-first="ascending">Service date</button>
            <button type="button" class="number" data-sort="charge" data-first="descending">Charge</button>
            <button type="button" data-sort="findings" data-first="descending">Findings</button>
          </div>
          <xsl:call-template name="claims"/>
          <p id="nothing" class="nothing" hidden="hidden">No claim fits these filters.</p>
        </xsl:when>
        <xsl:otherwise><p class="nothing">No claim needs work.</p></xsl:otherwise>
      </xsl:choose>
    </section>
  </xsl:template>

  <xsl:template name="claims">
    <!-- No ol: browsers number its items again when one is hidden or moved, which takes minutes for 10,000. -->
    <div id="claims" class="claims" role="list">
      <xsl:for-each select="file/claim[findings or not_checked]">
        <xsl:sort select="(@disposition = 'rejected') * 2 + (@disposition = 'flagged')" data-type="number" order="descending"/>
        <xsl:sort select="sum(@charge)" data-type="number" order="descending"/>
        <xsl:apply-templates select="."/>
      </xsl:for-each>
    </div>
  </xsl:template>

  <xsl:template name="filters">
    <form id="filters" class="filters" hidden="hidden" role="search" aria-label="Filter the claims">
      <fieldset>
        <legend>Severity</legend>
        <label><input type="radio" name="severity" value="" checked="checked"/><span>All</span></label>
        <label><input type="radio" name="severity" value="reject"/><span class="reject">Reject</span></label>
        <label><input type="radio" name="severity" value="warn"/><span class="warn">Warning</span></label>
        <label><input type="radio" name="severity" value="info"/><span class="info">Info</span></label>
        <label><input type="radio" name="severity" value="unchecked"/><span>Not checked</span></label>
      </fieldset>
      <label class="search">
        <span>Search</span>
        <input type="search" name="text" placeholder="claim id, code, NDC, words …" autocomplete="off" spellcheck="false"/>
      </label>
      <label>
        <span>Edit</span>
        <select name="code">
          <option value="">All edits</option>
          <xsl:for-each select="breakdown[@by = 'edit']/share">
            <xsl:sort select="@code"/>
            <option value="{@code}"><xsl:value-of select="concat(@code, ' ', key('rule', @code)/@title)"/></option>
          </xsl:for-each>
        </select>
      </label>
      <label>
        <span>Payer</span>
        <select name="payer">
          <option value="">All payers</option>
          <xsl:for-each select="breakdown[@by = 'payer']/share[@noted &gt; 0]">
            <xsl:sort select="@payer_id"/>
            <option value="={@payer_id}">
              <xsl:value-of select="@payer_id"/>
              <xsl:if test="not(@payer_id)">no payer id</xsl:if>
              <xsl:value-of select="concat(' (', @noted, ')')"/>
            </option>
          </xsl:for-each>
          <xsl:if test="breakdown[@by = 'payer']/others">
            <option disabled="disabled">others: search for the id</option>
          </xsl:if>
        </select>
      </label>
      <label>
        <span>Billing provider</span>
        <select name="provider">
          <option value="">All providers</option>
          <xsl:for-each select="breakdown[@by = 'provider']/share[@noted &gt; 0]">
            <xsl:sort select="@billing_npi"/>
            <option value="={@billing_npi}">
              <xsl:value-of select="@billing_npi"/>
              <xsl:if test="not(@billing_npi)">no NPI</xsl:if>
              <xsl:value-of select="concat(' (', @noted, ')')"/>
            </option>
          </xsl:for-each>
          <xsl:if test="breakdown[@by = 'provider']/others">
            <option disabled="disabled">others: search for the NPI</option>
          </xsl:if>
        </select>
      </label>
      <xsl:if test="$files &gt; 1">
        <label>
          <span>File</span>
          <select name="file">
            <option value="">All files</option>
            <xsl:for-each select="file[summary/@noted &gt; 0]">
              <option value="{@ordinal}"><xsl:value-of select="@path"/></option>
            </xsl:for-each>
          </select>
        </label>
      </xsl:if>
      <div class="actions">
        <button type="reset">Clear filters</button>
        <button type="button" id="open-all">Open all shown</button>
        <button type="button" id="close-all">Close all</button>
        <button type="button" id="print">Print</button>
      </div>
    </form>
  </xsl:template>

  <xsl:template match="claim">
    <xsl:text>&#10;</xsl:text>
    <div
      role="listitem"
      data-payer="={@payer_id}"
      data-provider="={@billing_npi}"
      data-file="{../@ordinal}"
      data-order="{@ordinal}"
      data-claim="{@claim_id}"
      data-date="{service_date[1]}"
      data-charge="{@charge}"
      data-findings="{sum(findings/@count)}"
      data-rank="{(@disposition = 'rejected') * 2 + (@disposition = 'flagged')}">
      <xsl:attribute name="data-faults">
        <xsl:for-each select="findings"><xsl:value-of select="concat(@code, ':', @severity, ' ')"/></xsl:for-each>
        <xsl:for-each select="not_checked"><xsl:value-of select="concat(@code, ':unchecked ')"/></xsl:for-each>
      </xsl:attribute>
      <details id="claim-{../@ordinal}-{@ordinal}">
        <summary class="row">
          <xsl:call-template name="disposition"/>
          <xsl:text> </xsl:text>
          <span class="ordinal"><span class="spoken">claim no. </span><xsl:value-of select="@ordinal"/></span>
          <xsl:text> </xsl:text>
          <span class="claim-id"><xsl:value-of select="@claim_id"/></span>
          <xsl:text> </xsl:text>
          <span class="payer"><span class="spoken">payer </span><xsl:value-of select="@payer_id"/></span>
          <xsl:text> </xsl:text>
          <span class="date"><xsl:call-template name="dates"/></span>
          <xsl:text> </xsl:text>
          <span class="charge">
            <xsl:if test="@charge"><xsl:apply-templates select="@charge" mode="money"/></xsl:if>
          </span>
          <xsl:text> </xsl:text>
          <span class="codes">
            <xsl:for-each select="findings">
              <span class="chip {@severity}"><xsl:value-of select="@code"/></span>
              <xsl:text> </xsl:text>
            </xsl:for-each>
            <xsl:if test="not_checked"><span class="chip unchecked">not checked</span></xsl:if>
          </span>
        </summary>
        <div class="claim">
          <xsl:call-template name="facts"/>
          <xsl:if test="finding">
            <section class="line">
              <h3><b>The claim as a whole</b></h3>
              <xsl:apply-templates select="finding"/>
            </section>
          </xsl:if>
          <xsl:apply-templates select="line"/>
          <xsl:if test="count(line) &lt; @lines">
            <p class="hint">
              <xsl:value-of select="concat(@lines - count(line), ' more lines with nothing found are not shown.')"/>
            </p>
          </xsl:if>
          <xsl:if test="not_checked">
            <section class="line">
              <h3><b>Not checked on this claim</b></h3>
              <ul>
                <xsl:for-each select="not_checked">
                  <li>
                    <xsl:call-template name="code"/>
                    <xsl:value-of select="concat(' ', key('rule', @code)/@title, ': ')"/>
                    <em><xsl:value-of select="@reason"/></em>
                  </li>
                </xsl:for-each>
              </ul>
            </section>
          </xsl:if>
          <xsl:if test="suppressed">
            <section class="line">
              <h3><b>Suppressed, and not counted</b></h3>
              <ul>
                <xsl:for-each select="suppressed">
                  <li>
                    <xsl:call-template name="code"/>
                    <xsl:if test="@service_line"><xsl:value-of select="concat(' on line ', @service_line)"/></xsl:if>
                    <xsl:value-of select="concat(' ', @message)"/>
                    <xsl:choose>
                      <xsl:when test="@by = 'baseline'"> (known before: baseline)</xsl:when>
                      <xsl:otherwise><xsl:value-of select="concat(' (', @author, ', up to ', @expires, ': ', @reason, ')')"/></xsl:otherwise>
                    </xsl:choose>
                  </li>
                </xsl:for-each>
              </ul>
            </section>
          </xsl:if>
        </div>
      </details>
    </div>
  </xsl:template>

  <xsl:template name="disposition">
    <span class="badge {@disposition}">
      <xsl:choose>
        <xsl:when test="@disposition = 'rejected'">Rejected</xsl:when>
        <xsl:when test="@disposition = 'flagged'">Flagged</xsl:when>
        <xsl:otherwise>Clean</xsl:otherwise>
      </xsl:choose>
    </span>
  </xsl:template>

  <xsl:template name="dates">
    <xsl:if test="service_date">
      <xsl:call-template name="date"><xsl:with-param name="day" select="service_date[1]"/></xsl:call-template>
      <xsl:if test="service_date[2]">
        <xsl:text> – </xsl:text>
        <xsl:call-template name="date"><xsl:with-param name="day" select="service_date[last()]"/></xsl:call-template>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <!-- Few elements for each claim: there may be 20,000, and each element takes a browser time. -->
  <xsl:template name="facts">
    <p class="facts">
      <b><xsl:value-of select="@claim_id"/></b>
      <xsl:value-of select="concat(', ', @type, ', claim ', @ordinal)"/>
      <xsl:if test="$files &gt; 1"> of <bdi><xsl:value-of select="../@path"/></bdi></xsl:if>
      <xsl:value-of select="concat(', transaction ', @transaction, ', group ', @group)"/>
      <xsl:if test="@clearinghouse_id"><xsl:value-of select="concat(', clearinghouse id ', @clearinghouse_id)"/></xsl:if>
      <xsl:if test="@payer_id"><xsl:value-of select="concat(', payer ', @payer_id)"/></xsl:if>
      <xsl:if test="@billing_npi"><xsl:value-of select="concat(', billing provider ', @billing_npi)"/></xsl:if>
      <xsl:if test="@allowed">
        <xsl:text>, Medicare allows </xsl:text>
        <xsl:apply-templates select="@allowed" mode="money"/>
        <xsl:call-template name="unpriced"><xsl:with-param name="lines" select="@unpriced_lines"/></xsl:call-template>
      </xsl:if>
    </p>
  </xsl:template>

  <xsl:template match="line">
    <section>
      <xsl:attribute name="class">
        <xsl:text>line</xsl:text>
        <xsl:if test="not(finding)"> quiet</xsl:if>
      </xsl:attribute>
      <h3>
        <b>
          <xsl:choose>
            <xsl:when test="@service_line"><xsl:value-of select="concat('Line ', @service_line)"/></xsl:when>
            <xsl:otherwise>Line without a number</xsl:otherwise>
          </xsl:choose>
        </b>
        <xsl:text> </xsl:text>
        <code>
          <xsl:value-of select="@procedure"/>
          <xsl:if test="@modifiers"><xsl:value-of select="concat(' ', @modifiers)"/></xsl:if>
        </code>
        <xsl:if test="@revenue_code"><xsl:value-of select="concat(' revenue code ', @revenue_code, ',')"/></xsl:if>
        <xsl:if test="@units"><xsl:value-of select="concat(' ', @units, ' ', @unit_basis)"/></xsl:if>
        <xsl:if test="@charge">, <xsl:apply-templates select="@charge" mode="money"/></xsl:if>
        <xsl:if test="@allowed"> (Medicare allows <xsl:apply-templates select="@allowed" mode="money"/>)</xsl:if>
        <xsl:if test="@ndc"><xsl:value-of select="concat(', NDC ', @ndc)"/></xsl:if>
        <xsl:if test="not(finding)">: nothing found</xsl:if>
      </h3>
      <xsl:apply-templates select="finding"/>
    </section>
  </xsl:template>

  <xsl:template match="finding">
    <xsl:variable name="rule" select="key('rule', @code)"/>
    <div class="finding {@severity}">
      <p class="message">
        <span class="severity">
          <xsl:choose>
            <xsl:when test="@severity = 'reject'">Reject</xsl:when>
            <xsl:when test="@severity = 'warn'">Warning</xsl:when>
            <xsl:otherwise>Info</xsl:otherwise>
          </xsl:choose>
        </span>
        <xsl:text> </xsl:text>
        <xsl:call-template name="code"/>
        <xsl:text> </xsl:text>
        <xsl:value-of select="@message"/>
      </p>
      <xsl:apply-templates select="excerpt"/>
      <dl>
        <dt class="fix">Fix</dt>
        <dd><xsl:value-of select="@fix"/></dd>
        <dt>Where</dt>
        <dd>
          <b><xsl:value-of select="@element"/></b>
          <xsl:if test="@loop != ''"><xsl:value-of select="concat(' in loop ', @loop)"/></xsl:if>
          <xsl:value-of select="concat(', segment ', @segment, ' (', @segment_id, '), byte ', @offset)"/>
          <xsl:if test="@line_control_number"><xsl:value-of select="concat(', line control number ', @line_control_number)"/></xsl:if>
        </dd>
        <xsl:if test="@carc or @rarc or @claim_status">
          <dt>Likely denial</dt>
          <dd>
            <xsl:if test="@carc"><xsl:value-of select="concat('CARC ', @carc)"/></xsl:if>
            <xsl:if test="@rarc">
              <xsl:if test="@carc">, </xsl:if>
              <xsl:value-of select="concat('RARC ', @rarc)"/>
            </xsl:if>
            <xsl:if test="@claim_status">
              <xsl:if test="@carc or @rarc">, </xsl:if>
              <xsl:value-of select="concat('277CA ', @claim_status)"/>
            </xsl:if>
          </dd>
        </xsl:if>
        <xsl:if test="$rule/@source">
          <dt>Source</dt>
          <dd><xsl:value-of select="$rule/@source"/></dd>
        </xsl:if>
      </dl>
    </div>
  </xsl:template>

  <xsl:template match="excerpt">
    <p class="segment"><code><xsl:apply-templates/></code></p>
  </xsl:template>

  <xsl:template match="mark">
    <mark>
      <xsl:choose>
        <xsl:when test=". = ''">
          <xsl:attribute name="class">gap</xsl:attribute>
          <xsl:text>missing</xsl:text>
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
      </xsl:choose>
    </mark>
  </xsl:template>

  <!-- What the codes mean -->

  <xsl:template name="rules">
    <xsl:if test="rule">
      <section id="rules" aria-labelledby="rules-title">
        <h2 id="rules-title">What the codes mean</h2>
        <p class="hint">
          <xsl:text>The likely denial of a finding is given in codes. CARC and RARC are the reason code and the remark
            code of a payer's remittance (835). 277CA is the claim status of a claim acknowledgement that rejects
            the claim.</xsl:text>
        </p>
        <xsl:for-each select="rule">
          <article id="rule-{@code}" class="rule" tabindex="-1">
            <h3><span class="code"><xsl:value-of select="@code"/></span><xsl:value-of select="concat(' ', @title)"/></h3>
            <xsl:for-each select="section/paragraph">
              <p>
                <xsl:if test="not(preceding-sibling::paragraph)"><b><xsl:value-of select="../@heading"/>: </b></xsl:if>
                <xsl:value-of select="."/>
              </p>
            </xsl:for-each>
            <xsl:if test="@source">
              <p class="source">
                <b>Source: </b>
                <xsl:value-of select="@source"/>
                <xsl:if test="@confidence"><xsl:value-of select="concat(' (confidence ', @confidence, ')')"/></xsl:if>
              </p>
            </xsl:if>
          </article>
        </xsl:for-each>
      </section>
    </xsl:if>
  </xsl:template>

  <xsl:template name="code">
    <a class="code" href="#rule-{@code}"><xsl:value-of select="@code"/></a>
  </xsl:template>

  <!-- Numbers, money and dates -->

  <xsl:template match="@*" mode="grouped">
    <xsl:call-template name="grouped"><xsl:with-param name="digits" select="string()"/></xsl:call-template>
  </xsl:template>

  <xsl:template match="@*" mode="money">
    <xsl:call-template name="money"><xsl:with-param name="amount" select="string()"/></xsl:call-template>
  </xsl:template>

  <!-- Digits with a comma after each thousand; text, so that no digit is lost. -->
  <xsl:template name="grouped">
    <xsl:param name="digits"/>
    <xsl:variable name="length" select="string-length($digits)"/>
    <xsl:choose>
      <xsl:when test="$length &gt; 3 and $length &lt; 30">
        <xsl:call-template name="grouped">
          <xsl:with-param name="digits" select="substring($digits, 1, $length - 3)"/>
        </xsl:call-template>
        <xsl:value-of select="concat(',', substring($digits, $length - 2))"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$digits"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- US dollars. Text that is not a number stays as it is. -->
  <xsl:template name="money">
    <xsl:param name="amount"/>
    <xsl:variable name="unsigned" select="translate($amount, '-', '')"/>
    <xsl:variable name="whole" select="substring-before(concat($unsigned, '.'), '.')"/>
    <xsl:choose>
      <xsl:when test="$whole != '' and translate($unsigned, '0123456789.', '') = ''">
        <xsl:if test="starts-with($amount, '-')">−</xsl:if>
        <xsl:text>$</xsl:text>
        <xsl:call-template name="grouped"><xsl:with-param name="digits" select="$whole"/></xsl:call-template>
        <xsl:value-of select="substring-after(concat('.', $unsigned), concat('.', $whole))"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$amount"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="date">
    <xsl:param name="day"/>
    <xsl:variable name="month" select="substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * substring($day, 6, 2) - 2, 3)"/>
    <xsl:value-of select="concat($month, ' ', number(substring($day, 9, 2)), ', ', substring($day, 1, 4))"/>
  </xsl:template>

  <xsl:template name="counted">
    <xsl:param name="of"/>
    <xsl:param name="one"/>
    <xsl:call-template name="grouped"><xsl:with-param name="digits" select="string($of)"/></xsl:call-template>
    <xsl:value-of select="concat(' ', $one)"/>
    <xsl:if test="$of != 1">s</xsl:if>
  </xsl:template>
</xsl:stylesheet>
